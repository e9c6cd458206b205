#include "load/schedule.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace plateau::load {
namespace {

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max() / 2;
// How long after the end a slot that was due before it may still be sent.
constexpr std::uint64_t kLateNs = 100'000'000;

}  // namespace

Schedule::Schedule(double rate, std::uint64_t requests, std::uint64_t duration_ns, std::uint64_t start_ns)
    : interval_ns_(rate > 0 ? 1e9 / rate : 0),
      limit_(requests == 0 ? kUnlimited : requests),
      start_ns_(start_ns),
      end_ns_(duration_ns == 0 ? 0 : start_ns + duration_ns) {
  if (rate <= 0 || duration_ns == 0) return;
  const double planned = std::ceil(static_cast<double>(duration_ns) / interval_ns_ - 1e-9);
  limit_ = std::min(limit_, static_cast<std::uint64_t>(std::max(1.0, planned)));
  end_ns_ += kLateNs;
}

std::optional<Slot> Schedule::take(std::uint64_t now) {
  if (over(now)) return std::nullopt;
  if (!returned_.empty()) {
    const Slot slot = returned_.front();
    returned_.pop_front();
    return slot;
  }
  if (taken_ == limit_) return std::nullopt;
  if (interval_ns_ == 0) return Slot{now, taken_++};
  const std::uint64_t due = due_ns(taken_);
  if (due > now) return std::nullopt;
  return Slot{due, taken_++};
}

std::uint64_t Schedule::left(std::uint64_t now) const {
  return over(now) ? 0 : limit_ - taken_ + returned_.size();
}

std::uint64_t Schedule::missed() const {
  const bool planned = interval_ns_ != 0 || limit_ != kUnlimited;
  return (planned ? limit_ - taken_ : 0) + returned_.size();
}

std::uint64_t Schedule::next_due_ns() const {
  return interval_ns_ == 0 || !returned_.empty() ? 0 : due_ns(taken_);
}

std::uint64_t Schedule::due_ns(std::uint64_t index) const {
  return start_ns_ + static_cast<std::uint64_t>(static_cast<double>(index) * interval_ns_);
}

bool Schedule::over(std::uint64_t now) const {
  return stopped_ || (end_ns_ != 0 && now >= end_ns_);
}

}  // namespace plateau::load
