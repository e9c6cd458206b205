#include "httpd/watchdog.h"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>

#include "base/clock.h"

namespace plateau::httpd {
namespace {

constexpr std::uint64_t kShortestTickNs = 5'000'000;
constexpr std::uint64_t kLongestTickNs = 500'000'000;

}  // namespace

Watchdog::Watchdog(const ProtocolOptions& options)
    : request_ns_(options.idle_timeout_ns),
      head_ns_(options.head_timeout_ns),
      body_ns_(options.body_timeout_ns) {
  for (const std::uint64_t limit : {request_ns_, head_ns_, body_ns_}) {
    if (limit == 0) continue;
    const std::uint64_t tick = std::clamp(limit / 8, kShortestTickNs, kLongestTickNs);
    tick_ns_ = tick_ns_ == 0 ? tick : std::min(tick, tick_ns_);
  }
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Watchdog::add(Watch& watch, int fd) {
  const std::lock_guard lock(mutex_);
  watch.fd_ = fd;
  watch.since_ns_ = monotonic_ns();
  watch.seen_ = watch.state_.load(std::memory_order_relaxed);
  watch.slot_ = watches_.size();
  watches_.push_back(&watch);
  size_.store(watches_.size(), std::memory_order_relaxed);
  if (stopping_) ::shutdown(fd, SHUT_RD);
  if (tick_ns_ != 0 && !thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void Watchdog::remove(Watch& watch) {
  const std::lock_guard lock(mutex_);
  Watch* const last = watches_.back();
  watches_[watch.slot_] = last;
  last->slot_ = watch.slot_;
  watches_.pop_back();
  size_.store(watches_.size(), std::memory_order_relaxed);
}

void Watchdog::stop_idle() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  for (const Watch* const watch : watches_) {
    if (watch->waiting() == Waiting::request) ::shutdown(watch->fd_, SHUT_RD);
  }
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, std::chrono::nanoseconds(tick_ns_), [this] { return ending_; })) {
    sweep(monotonic_ns());
  }
}

void Watchdog::sweep(std::uint64_t now) {
  for (Watch* const watch : watches_) {
    const std::uint64_t state = watch->state_.load(std::memory_order_relaxed);
    if (state != watch->seen_) {
      watch->seen_ = state;
      watch->since_ns_ = now;
      continue;
    }
    const std::uint64_t limit = limit_of(static_cast<Waiting>(state & 3));
    if (limit == 0 || now - watch->since_ns_ < limit || watch->expired()) continue;
    watch->expire();
    ::shutdown(watch->fd_, SHUT_RD);
  }
}

std::uint64_t Watchdog::limit_of(Waiting waiting) const {
  switch (waiting) {
    case Waiting::request:
      return request_ns_;
    case Waiting::head:
      return head_ns_;
    case Waiting::body:
      return body_ns_;
    case Waiting::nothing:
      break;
  }
  return 0;
}

}  // namespace plateau::httpd
