// Hands snapshots from the thread that collects to threads that scrape: the collector never waits, a scraper
// waits for a snapshot taken after it asked, and no longer than it says.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

namespace plateau::sink {

template <class T>
class SnapshotExchange {
 public:
  using Snapshot = std::shared_ptr<const T>;

  // Scraper: a snapshot published for a request made no earlier than this call; null if none came in time.
  // Once the collector has ended, its last snapshot, null if there is none.
  Snapshot fetch(std::chrono::nanoseconds timeout) {
    std::unique_lock lock(mutex_);
    const std::uint64_t ticket = ++asked_;
    wanted_.store(true, std::memory_order_release);
    const bool came = published_.wait_for(lock, timeout, [&] { return answered_ >= ticket || closed_; });
    return came ? last_ : nullptr;
  }

  // Collector: whether anybody waits; costs one load. If so, take() and then publish().
  bool wanted() const { return wanted_.load(std::memory_order_acquire); }

  // Collector, before it starts to make the snapshot: the requests that it will answer.
  std::uint64_t take() {
    const std::lock_guard lock(mutex_);
    wanted_.store(false, std::memory_order_relaxed);
    return asked_;
  }

  // Collector: answers the requests of `ticket` and those before it.
  void publish(std::uint64_t ticket, Snapshot snapshot) {
    {
      const std::lock_guard lock(mutex_);
      answered_ = ticket;
      last_.swap(snapshot);
    }
    published_.notify_all();
  }

  // Collector, at its end: nobody waits any more.
  void close(Snapshot last) {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      last_.swap(last);
    }
    published_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable published_;
  std::atomic<bool> wanted_{false};
  std::uint64_t asked_ = 0;
  std::uint64_t answered_ = 0;
  bool closed_ = false;
  Snapshot last_;
};

}  // namespace plateau::sink
