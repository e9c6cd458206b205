#include "sink/metrics_server.h"

#include <civetweb.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>
#include <utility>

namespace plateau::sink {
namespace {

// A thread inherits the mask of the one that starts it.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

// The web server looks every 2 s whether it is to end, and whenever a connection comes: while this lives,
// some do.
class Knocking {
 public:
  explicit Knocking(const ListenAddress& address) : thread_([this, address] { run(address); }) {}
  ~Knocking() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  Knocking(const Knocking&) = delete;
  Knocking& operator=(const Knocking&) = delete;

 private:
  void run(const ListenAddress& address) {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, std::chrono::milliseconds(10), [this] { return over_; })) knock(address);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

constexpr const char* kMetrics = "/metrics";

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i++) {
    const bool coded =
        text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0;
    if (coded) out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
    if (!coded) out += text[i] == '+' ? ' ' : text[i];
    i += coded ? 2 : 0;
  }
  return out;
}

web::Request request_of(const mg_request_info& info) {
  web::Request request{info.local_uri, {}, {}};
  std::string_view query = info.query_string ? info.query_string : "";
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    request.query[decoded(pair.substr(0, equals))] = decoded(pair.substr(std::min(pair.size(), equals + 1)));
  }
  return request;
}

void send(mg_connection* connection, const web::Answer& answer, bool with_body) {
  std::string text = "HTTP/1.1 " + std::to_string(answer.status) +
                     (answer.status == 200 ? " OK" : " Refused") +
                     "\r\nContent-Type: " + answer.content_type + "\r\n";
  for (const auto& [name, value] : answer.headers) text += name + ": " + value + "\r\n";
  text += "Content-Length: " + std::to_string(answer.body.size()) + "\r\nConnection: close\r\n\r\n";
  if (with_body) text += answer.body;
  mg_write(connection, text.data(), text.size());
}

int answer(mg_connection* connection, void* data) {
  const auto& roads = *static_cast<const web::Roads*>(data);
  const mg_request_info& info = *mg_get_request_info(connection);
  const std::string_view method = info.request_method;
  const auto road = roads.find(info.local_uri);
  if (method != "GET" && method != "HEAD")
    send(connection, {405, "text/plain; charset=utf-8", "only GET and HEAD\n", {}}, true);
  else if (road == roads.end())
    send(connection, {404, "text/plain; charset=utf-8", "nothing here: see /\n", {}}, method == "GET");
  else
    send(connection, road->second(request_of(info)), method == "GET");
  return 1;
}

}  // namespace

struct MetricsServer::Web {
  web::Roads roads;
  mg_context* context = nullptr;

  ~Web() {
    if (context) mg_stop(context);
  }
};

MetricsServer::MetricsServer(ListenAddress address) : address_(std::move(address)) {}

MetricsServer::~MetricsServer() {
  if (!web_) return;
  const SignalsBlocked blocked;
  const Knocking knocking(address_);
  web_.reset();
}

Result<std::unique_ptr<MetricsServer>> MetricsServer::start(const ListenAddress& address,
                                                            std::shared_ptr<MetricsCollector> collector,
                                                            web::Roads roads) {
  const SignalsBlocked blocked;
  std::unique_ptr<MetricsServer> server(new MetricsServer(address));
  server->web_ = std::make_unique<Web>();
  roads[kMetrics] = [collector](const web::Request&) {
    return web::Answer{200,
                       "text/plain; version=0.0.4; charset=utf-8",
                       prometheus::TextSerializer().Serialize(collector->Collect()),
                       {}};
  };
  server->web_->roads = std::move(roads);
  // Two at a time: a scraper that reads slowly must not keep another one out.
  const std::string text = address.text();
  std::array<const char*, 7> options{"listening_ports",    text.c_str(), "num_threads", "2",
                                     "request_timeout_ms", "10000",      nullptr};
  mg_context* context = mg_start(nullptr, nullptr, options.data());
  if (!context) {
    server->web_.reset();
    const std::string why = why_not_listen(address);
    return fail("cannot listen on " + text + ": " + (why.empty() ? "refused" : why) +
                "; choose another with --listen");
  }
  server->web_->context = context;
  mg_set_request_handler(context, "**", answer, &server->web_->roads);
  std::array<mg_server_port, 1> ports{};
  if (mg_get_server_ports(context, 1, ports.data()) == 1)
    server->address_.port = static_cast<std::uint16_t>(ports[0].port);
  return server;
}

std::string MetricsServer::url() const {
  return "http://" + address_.text() + kMetrics;
}

}  // namespace plateau::sink
