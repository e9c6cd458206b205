#include "httpd/pause_gate.h"

#include <pthread.h>

#include <chrono>

#include "base/clock.h"

namespace plateau::httpd {

PauseGate::PauseGate(std::uint64_t length_ns, std::uint64_t every_ns)
    : length_ns_(length_ns), every_ns_(every_ns), thread_([this] { run(); }) {}

PauseGate::~PauseGate() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void PauseGate::wait() {
  std::unique_lock lock(mutex_);
  opened_.wait(lock, [this] { return !closed(); });
}

void PauseGate::run() {
  pthread_setname_np(pthread_self(), "pause");
  std::uint64_t next_ns = monotonic_ns();
  while (true) {
    next_ns += every_ns_;
    if (!sleep_until(next_ns)) return;
    set_closed(true);
    const bool go_on = sleep_until(next_ns + length_ns_);
    set_closed(false);
    if (!go_on) return;
  }
}

// False if the gate is being destroyed.
bool PauseGate::sleep_until(std::uint64_t deadline_ns) {
  const std::chrono::steady_clock::time_point deadline{std::chrono::nanoseconds(deadline_ns)};
  std::unique_lock lock(mutex_);
  return !stop_.wait_until(lock, deadline, [this] { return stopping_; });
}

void PauseGate::set_closed(bool closed) {
  {
    const std::lock_guard lock(mutex_);
    closed_.store(closed, std::memory_order_relaxed);
  }
  if (!closed) opened_.notify_all();
}

}  // namespace plateau::httpd
