// One blocking thread a connection.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_set>

#include "httpd/connection.h"
#include "httpd/engine.h"
#include "httpd/listener.h"

namespace plateau::httpd {

class ThreadEngine : public Engine {
 public:
  explicit ThreadEngine(Service& service) : service_(service), registry_(std::make_shared<Registry>()) {}
  Result<bool> run(int listener, int stop_fd) override;

 private:
  // The sockets being served, so that stopping can wake their threads. Shared with them, because the last
  // thread still touches it when the engine is free to go.
  struct Registry {
    std::mutex mutex;
    std::condition_variable empty;
    std::unordered_set<int> sockets;
    std::size_t threads = 0;  // that still use the service
  };
  struct Job {
    Service& service;
    std::shared_ptr<Registry> registry;
    Accepted accepted;
    std::uint64_t number;
  };

  static void* serve(void* job);
  AcceptStatus accept_all(int listener);
  void start_thread(Accepted accepted);
  bool drain(int listener);
  bool cut_off();
  bool wait_until_empty(std::uint64_t timeout_ns);

  Service& service_;
  std::shared_ptr<Registry> registry_;
};

}  // namespace plateau::httpd
