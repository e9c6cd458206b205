// Ends waits for clients that take too long, and idle connections when the server stops, for every engine and
// at no cost per request but two plain stores: connections note what they wait for, and a thread of its own
// looks at all of them now and then and shuts the reading side of those that are late, which makes any kind
// of receive return.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "httpd/protocol_options.h"

namespace plateau::httpd {

enum class Waiting : std::uint8_t { nothing, request, head, body };

// One connection's share. The owner writes what it waits for, the watchdog whether that took too long.
class Watch {
 public:
  // `sequence` tells one wait from the next.
  void wait(Waiting what, std::uint64_t sequence) {
    state_.store(sequence << 2 | static_cast<std::uint64_t>(what), std::memory_order_relaxed);
  }
  void busy() { state_.store(0, std::memory_order_relaxed); }
  void expire() { expired_.store(true, std::memory_order_relaxed); }
  bool expired() const { return expired_.load(std::memory_order_relaxed); }

 private:
  friend class Watchdog;
  Waiting waiting() const { return static_cast<Waiting>(state_.load(std::memory_order_relaxed) & 3); }

  std::atomic<std::uint64_t> state_{static_cast<std::uint64_t>(Waiting::request)};
  std::atomic<bool> expired_{false};
  std::uint64_t seen_ = 0;  // the watchdog's own, guarded by its mutex, like the next three
  std::uint64_t since_ns_ = 0;
  std::size_t slot_ = 0;
  int fd_ = -1;
};

class Watchdog {
 public:
  explicit Watchdog(const ProtocolOptions& options);
  ~Watchdog();

  // `fd` must stay open until remove().
  void add(Watch& watch, int fd);
  void remove(Watch& watch);
  std::size_t size() const { return size_.load(std::memory_order_relaxed); }

  // Wakes every connection that waits for a request, and each one added later. Call it again now and then:
  // one that was about to wait may have been missed.
  void stop_idle();

 private:
  void run();
  void sweep(std::uint64_t now);
  std::uint64_t limit_of(Waiting waiting) const;

  const std::uint64_t request_ns_, head_ns_, body_ns_;
  std::uint64_t tick_ns_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  bool stopping_ = false;
  std::vector<Watch*> watches_;
  std::atomic<std::size_t> size_{0};
  std::thread thread_;
};

}  // namespace plateau::httpd
