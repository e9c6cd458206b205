// A planted stop-the-world: a gate before every request's work that closes for D every T.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace plateau::httpd {

class PauseGate {
 public:
  // Closes for `length_ns` at every `every_ns` from now on, by a thread named "pause".
  PauseGate(std::uint64_t length_ns, std::uint64_t every_ns);
  ~PauseGate();

  bool closed() const { return closed_.load(std::memory_order_relaxed); }
  // Returns once the gate is open.
  void wait();

 private:
  void run();
  bool sleep_until(std::uint64_t deadline_ns);
  void set_closed(bool closed);

  const std::uint64_t length_ns_;
  const std::uint64_t every_ns_;
  std::atomic<bool> closed_{false};
  std::mutex mutex_;  // guards changes of closed_, and stopping_
  std::condition_variable opened_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace plateau::httpd
