#include "load/given.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <limits>
#include <string_view>

#include "base/fd.h"
#include "toolkit/duration.h"
#include "toolkit/field_text.h"

namespace plateau::load {
namespace {

constexpr std::uint64_t kDefaultDurationNs = 10'000'000'000;
constexpr std::size_t kMaxBodyFile = 64u << 20;
constexpr double kMinRate = 0.001;
constexpr double kMaxRate = 10'000'000;
constexpr std::size_t kMaxSteps = 1000;

Error bad(const std::string& message) {
  return fail(message, ExitCode::usage);
}

bool all_of_class(std::string_view text, bool (*belongs)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), belongs);
}

// Nothing where the text is empty; a duration above 0 otherwise.
Status set_duration(const char* option, std::string_view text, std::uint64_t& to) {
  if (text.empty()) return success();
  const Result<std::uint64_t> duration = toolkit::parse_duration_ns(text);
  if (!duration) return bad(std::string(option) + ": " + duration.error().message);
  if (*duration == 0) return bad(std::string(option) + ": wanted a duration above 0");
  to = *duration;
  return success();
}

// Nothing where the text is empty; a number otherwise.
Status set_number(const char* option, std::string_view text, std::optional<std::uint64_t>& to) {
  if (text.empty()) return success();
  const Result<std::uint64_t> number = toolkit::parse_number(text, std::numeric_limits<std::uint64_t>::max());
  if (!number) return bad(std::string(option) + ": " + number.error().message);
  to = *number;
  return success();
}

Status set_rates(std::string_view text, std::vector<double>& rates) {
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    double rate = 0;
    const auto [stop, error] = std::from_chars(item.data(), item.data() + item.size(), rate);
    const bool number = error == std::errc() && stop == item.data() + item.size();
    if (!number || !(rate >= kMinRate && rate <= kMaxRate) || comma + 1 == text.size()) {
      return bad("--rate: '" + std::string(text) +
                 "' is not a rate from 0.001 to 10000000, or several with commas");
    }
    rates.push_back(rate);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  if (rates.size() > kMaxSteps) return bad("--rate: more than 1000 rates");
  return success();
}

Status set_times(const Given& given, Options& options) {
  for (const Status& status :
       {set_rates(given.rate, options.rates), set_duration("--step", given.step, options.step_ns),
        set_duration("--ramp", given.ramp, options.ramp_ns),
        set_duration("--timeout", given.timeout, options.timeout_ns),
        set_duration("--duration", given.duration, options.duration_ns)}) {
    if (!status) return status.error();
  }
  if (given.timeout.empty()) return bad("--timeout: wanted a duration above 0");
  if (options.rates.size() > 1 && options.step_ns == 0) return bad("several rates need --step");
  if (options.step_ns == 0) {
    if (options.duration_ns == 0 && options.requests == 0) options.duration_ns = kDefaultDurationNs;
    return success();
  }
  if (options.rates.empty()) return bad("--step needs --rate");
  if (options.duration_ns != 0 || options.requests != 0) {
    return bad("--step sets how long the run lasts: it takes no --duration and no --requests");
  }
  options.duration_ns = options.step_ns * options.rates.size();
  return success();
}

Error unreadable(const std::string& path) {
  return bad("--body-file: cannot read " + path + ": " + std::strerror(errno));
}

Status read_file(const std::string& path, std::string& to) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return unreadable(path);
  std::array<char, 65'536> bytes;
  while (true) {
    const ssize_t count = ::read(file.get(), bytes.data(), bytes.size());
    if (count < 0) return unreadable(path);
    if (count == 0) return success();
    to.append(bytes.data(), static_cast<std::size_t>(count));
    if (to.size() > kMaxBodyFile) return bad("--body-file: " + path + " has more than 64 MiB");
  }
}

Status set_body(const Given& given, Options& options) {
  if (!given.body_file.empty() && given.body_size > 0)
    return bad("--body-file and --body-size exclude each other");
  if (!given.body_file.empty()) {
    if (Status status = read_file(given.body_file, options.body); !status) return status.error();
  } else {
    options.body.assign(given.body_size, 'x');
  }
  if (options.chunk_size > 0 && options.body.empty())
    return bad("--chunk-size needs --body-size or --body-file");
  return success();
}

Status set_targets(const Given& given, Options& options) {
  for (const std::string& path : given.paths) {
    if (!path.starts_with('/') || !all_of_class(path, toolkit::is_visible)) {
      return bad("--path: '" + path + "' is not a path that begins with / and has no blanks");
    }
    options.targets.push_back({path, 1});
  }
  for (const std::string& text : given.targets) {
    Result<Target> target = parse_target(text);
    if (!target) return bad("--target: " + target.error().message);
    options.targets.push_back(std::move(target).value());
  }
  if (options.targets.empty()) options.targets.push_back({options.url.path, 1});
  return set_number("--seed", given.seed, options.seed);
}

Status set_expectations(const Given& given, Options& options) {
  Expectations& expect = options.expect;
  Status length = set_number("--expect-length", given.expect_length, expect.length);
  if (!length) return length.error();
  if (!given.expect_status.empty()) {
    const Result<std::bitset<600>> statuses = parse_statuses(given.expect_status);
    if (!statuses) return bad("--expect-status: " + statuses.error().message);
    expect.statuses = *statuses;
    expect.status_text = given.expect_status;
  }
  if (!given.expect_hash.empty()) {
    const Result<std::uint64_t> hash = parse_hash(given.expect_hash);
    if (!hash) return bad("--expect-body-hash: " + hash.error().message);
    expect.hash = *hash;
  }
  if (options.method == "HEAD" && (expect.length || expect.need_hash())) {
    return bad("the answers to HEAD have no body to check");
  }
  return success();
}

Status check_texts(const Options& options) {
  if (!all_of_class(options.method, toolkit::is_token)) {
    return bad("--method: '" + options.method + "' is not a method");
  }
  if (options.method == "CONNECT")
    return bad("--method: CONNECT opens a tunnel, which is not a request to time");
  for (const std::string& header : options.headers) {
    const std::size_t colon = header.find(':');
    const bool named = colon != std::string::npos &&
                       all_of_class(std::string_view(header).substr(0, colon), toolkit::is_token);
    if (!named || !all_of_class(header, toolkit::is_field_value)) {
      return bad("--header: '" + header + "' is not of the form 'Name: value'");
    }
  }
  return success();
}

Status set_connections(const Given& given, Options& options) {
  options.keep_alive = given.keep_alive == "on";
  options.tls_resumption = given.resumption == "on";
  if (given.tls == "1.2") options.tls = TlsVersion::v1_2;
  if (given.tls == "1.3") options.tls = TlsVersion::v1_3;
  if (!options.url.tls && (!given.tls.empty() || options.insecure)) {
    return bad("--tls and --insecure need an https:// URL");
  }
  if (!options.keep_alive && options.pipeline > 1) return bad("--pipeline needs --keepalive on");
  if (options.threads > options.connections) return bad("--threads: more threads than --connections");
  return success();
}

}  // namespace

Result<Options> finish(Given given) {
  Options options = given.options;
  Result<Url> url = parse_url(options.url_text);
  if (!url) return url.error();
  options.url = std::move(url).value();
  for (auto* const set : {&set_connections, &set_times, &set_body, &set_targets, &set_expectations}) {
    if (Status status = set(given, options); !status) return status.error();
  }
  if (Status status = check_texts(options); !status) return status.error();
  return options;
}

}  // namespace plateau::load
