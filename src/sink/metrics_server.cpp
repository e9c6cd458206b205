#include "sink/metrics_server.h"

#include <prometheus/exposer.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <mutex>
#include <thread>

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

// Two at a time: a scraper that reads slowly must not keep another one out.
std::vector<std::string> options_for(const ListenAddress& address) {
  return {"listening_ports", address.text(), "num_threads", "2", "request_timeout_ms", "10000"};
}

}  // namespace

struct MetricsServer::Exposer {
  explicit Exposer(const ListenAddress& address) : server(options_for(address)) {}
  prometheus::Exposer server;
};

MetricsServer::MetricsServer(ListenAddress address, std::shared_ptr<MetricsCollector> collector)
    : address_(std::move(address)), collector_(std::move(collector)) {}
MetricsServer::~MetricsServer() {
  if (!exposer_) return;
  const SignalsBlocked blocked;
  const Knocking knocking(address_);
  exposer_.reset();
}

Result<std::unique_ptr<MetricsServer>> MetricsServer::start(const ListenAddress& address,
                                                            std::shared_ptr<MetricsCollector> collector) {
  const SignalsBlocked blocked;
  std::unique_ptr<MetricsServer> server(new MetricsServer(address, std::move(collector)));
  try {
    server->exposer_ = std::make_unique<Exposer>(address);
    server->exposer_->server.RegisterCollectable(server->collector_);
    if (const auto ports = server->exposer_->server.GetListeningPorts(); !ports.empty())
      server->address_.port = static_cast<std::uint16_t>(ports.front());
  } catch (const std::exception& error) {  // it does not say why
    const std::string why = why_not_listen(address);
    return fail("cannot listen on " + address.text() + ": " + (why.empty() ? error.what() : why) +
                "; choose another with --listen");
  }
  return server;
}

std::string MetricsServer::url() const {
  return "http://" + address_.text() + "/metrics";
}

}  // namespace plateau::sink
