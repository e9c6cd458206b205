#include "sink/otlp/curl.h"

#include <curl/curl.h>
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/clock.h"
#include "sink/web/negotiation.h"

namespace plateau::sink::otlp {
namespace {

constexpr std::size_t kMostBody = 64 * 1024;
constexpr std::uint64_t kHurryNs = 1'000'000'000;
constexpr std::uint64_t kMostRetryAfterS = 86'400;

// What is used of libcurl.
struct Library {
  decltype(&curl_global_init) global_init = nullptr;
  decltype(&curl_easy_init) easy_init = nullptr;
  decltype(&curl_easy_setopt) easy_setopt = nullptr;
  decltype(&curl_easy_perform) easy_perform = nullptr;
  decltype(&curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&curl_easy_strerror) easy_strerror = nullptr;
  decltype(&curl_slist_append) slist_append = nullptr;
  decltype(&curl_slist_free_all) slist_free_all = nullptr;
};

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

// It stays loaded: libraries that it brings do not like to be unloaded.
Result<Library> load() {
  void* handle = nullptr;
  for (const char* name : {"libcurl.so.4", "libcurl-gnutls.so.4"})
    if (!handle) handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    return fail("no libcurl (libcurl.so.4) for --otlp-endpoint: install it (Debian: libcurl4)",
                ExitCode::unsupported);
  Library curl;
  const bool whole = find(handle, "curl_global_init", curl.global_init) &&
                     find(handle, "curl_easy_init", curl.easy_init) &&
                     find(handle, "curl_easy_setopt", curl.easy_setopt) &&
                     find(handle, "curl_easy_perform", curl.easy_perform) &&
                     find(handle, "curl_easy_getinfo", curl.easy_getinfo) &&
                     find(handle, "curl_easy_cleanup", curl.easy_cleanup) &&
                     find(handle, "curl_easy_strerror", curl.easy_strerror) &&
                     find(handle, "curl_slist_append", curl.slist_append) &&
                     find(handle, "curl_slist_free_all", curl.slist_free_all);
  if (!whole || curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return fail("libcurl cannot be used for --otlp-endpoint", ExitCode::unsupported);
  return curl;
}

// One connection, kept open between messages.
class Client {
 public:
  Client(const Library& curl, const Settings& settings, std::shared_ptr<const std::atomic<bool>> hurry)
      : curl_(curl), settings_(settings), hurry_(std::move(hurry)), easy_(curl.easy_init()) {
    for (const char* line : {"Content-Type: application/x-protobuf", "Content-Encoding: gzip",
                             "User-Agent: plateau/" PLATEAU_VERSION, "Expect:"})
      headers_ = curl_.slist_append(headers_, line);
    // An empty value is sent as such: curl's form for it is a semicolon.
    for (const auto& [name, value] : settings_.headers)
      headers_ = curl_.slist_append(headers_, (value.empty() ? name + ";" : name + ": " + value).c_str());
    set_up();
  }
  ~Client() {
    curl_.easy_cleanup(easy_);
    curl_.slist_free_all(headers_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Answer post(Signal signal, const std::string& body, long timeout_ms) {
    if (!easy_) return {.error = "libcurl has no memory"};
    const std::string packed = web::gzip_quickly(body);
    const std::string url =
        settings_.endpoint + "/v1/" + std::string(kSignalNames[static_cast<std::size_t>(signal)]);
    answer_ = {};
    error_.front() = '\0';
    hurried_ns_ = 0;
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_POSTFIELDS, packed.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(packed.size()));
    set(CURLOPT_TIMEOUT_MS, timeout_ms);
    const CURLcode code = curl_.easy_perform(easy_);
    if (code == CURLE_OK) {
      curl_off_t seconds = 0;
      curl_.easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &answer_.status);
      curl_.easy_getinfo(easy_, CURLINFO_RETRY_AFTER, &seconds);
      answer_.retry_after_ns =
          std::min<std::uint64_t>(seconds > 0 ? static_cast<std::uint64_t>(seconds) : 0, kMostRetryAfterS) *
          1'000'000'000;
    } else {
      answer_ = {.error = code == CURLE_ABORTED_BY_CALLBACK ? "no answer until the end"
                          : error_.front()                  ? error_.data()
                                                            : curl_.easy_strerror(code)};
    }
    return std::move(answer_);
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    (void)curl_.easy_setopt(easy_, option, value);
  }

  void set_up() {
    if (!easy_) return;
    set(CURLOPT_NOSIGNAL, 1L);  // its alarm would be another thread's
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTPHEADER, headers_);
    set(CURLOPT_POST, 1L);
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_WRITEFUNCTION, &Client::take);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Client::watch);
    set(CURLOPT_XFERINFODATA, this);
    if (!settings_.certificates.empty()) set(CURLOPT_CAINFO, settings_.certificates.c_str());
  }

  static std::size_t take(char* bytes, std::size_t one, std::size_t size, void* client) {
    std::string& body = static_cast<Client*>(client)->answer_.body;
    body.append(bytes, std::min(one * size, kMostBody - std::min(body.size(), kMostBody)));
    return one * size;
  }

  // Called a few times a second at least; not 0: give up.
  static int watch(void* client, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& self = *static_cast<Client*>(client);
    if (!self.hurry_->load()) return 0;
    const std::uint64_t now = monotonic_ns();
    if (self.hurried_ns_ == 0) self.hurried_ns_ = now;
    return now - self.hurried_ns_ > kHurryNs ? 1 : 0;
  }

  const Library curl_;
  const Settings settings_;
  const std::shared_ptr<const std::atomic<bool>> hurry_;
  CURL* easy_;
  curl_slist* headers_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_{};
  Answer answer_;
  std::uint64_t hurried_ns_ = 0;
};

}  // namespace

Result<Transport> curl_transport(const Settings& settings, std::shared_ptr<const std::atomic<bool>> hurry) {
  const auto curl = load();
  if (!curl) return curl.error();
  const auto client = std::make_shared<Client>(*curl, settings, std::move(hurry));
  return Transport([client](Signal signal, const std::string& body, long timeout_ms) {
    return client->post(signal, body, timeout_ms);
  });
}

}  // namespace plateau::sink::otlp
