#include "load/schedule.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace plateau::load {
namespace {

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max() / 2;
// How long after the end a slot that was due before it may still be sent.
constexpr std::uint64_t kLateNs = 100'000'000;

// The slots of an open loop's step: those due before its end.
std::uint64_t slots_in(const Step& step) {
  if (step.rate <= 0 || step.duration_ns == 0) return kUnlimited;
  const double planned = std::ceil(static_cast<double>(step.duration_ns) * step.rate / 1e9 - 1e-9);
  return static_cast<std::uint64_t>(std::max(1.0, planned));
}

}  // namespace

Schedule::Schedule(const Plan& plan, Share share, std::uint64_t start_ns) : share_(share) {
  const std::uint64_t most = plan.requests == 0 ? kUnlimited : plan.requests;
  std::uint64_t index = 0;
  std::uint64_t at_ns = start_ns;
  for (const Step& step : plan.steps) {
    Stretch stretch;
    stretch.interval_ns = step.rate > 0 ? 1e9 / step.rate : 0;
    stretch.start_ns = at_ns;
    stretch.end_ns = step.duration_ns == 0 ? 0 : at_ns + step.duration_ns;
    stretch.first = index;
    stretch.end = std::min(most, index + std::min(slots_in(step), kUnlimited - index));
    index = stretch.end;
    at_ns = stretch.end_ns;
    stretches_.push_back(stretch);
  }
  limited_ = index < kUnlimited;
  limit_ = share.count_below(index);
  const bool open_loop = stretches_.back().interval_ns != 0;
  end_ns_ = at_ns == 0 ? 0 : at_ns + (open_loop ? kLateNs : 0);
}

void Schedule::begin_at(std::uint64_t start_ns) {
  const std::uint64_t later = start_ns - stretches_.front().start_ns;  // modulo 2^64: may be earlier
  for (Stretch& stretch : stretches_) {
    stretch.start_ns += later;
    if (stretch.end_ns != 0) stretch.end_ns += later;
  }
  if (end_ns_ != 0) end_ns_ += later;
}

std::optional<Slot> Schedule::take(std::uint64_t now) {
  if (over(now)) return std::nullopt;
  if (!returned_.empty()) {
    const Slot slot = returned_.front();
    returned_.pop_front();
    return slot;
  }
  if (taken_ == limit_) return std::nullopt;
  const std::uint64_t index = next_index();
  while (index >= stretches_[current_].end) ++current_;
  const Stretch& stretch = stretches_[current_];
  const std::uint64_t due = stretch.interval_ns == 0 ? now : due_ns(index);
  if (due > now) return std::nullopt;
  ++taken_;
  return Slot{due, index, static_cast<std::uint32_t>(current_)};
}

std::uint64_t Schedule::left(std::uint64_t now) const {
  return over(now) ? 0 : limit_ - taken_ + returned_.size();
}

std::uint64_t Schedule::missed() const {
  return (limited_ ? limit_ - taken_ : 0) + returned_.size();
}

std::uint64_t Schedule::next_due_ns() const {
  if (stretches_[current_].interval_ns == 0 || !returned_.empty() || taken_ == limit_) return 0;
  return due_ns(next_index());
}

std::uint64_t Schedule::planned(std::size_t step) const {
  if (!limited_) return 0;
  return share_.count_below(stretches_[step].end) - share_.count_below(stretches_[step].first);
}

std::uint64_t Schedule::due_ns(std::uint64_t index) const {
  std::size_t step = current_;
  while (index >= stretches_[step].end && step + 1 < stretches_.size()) ++step;
  const Stretch& stretch = stretches_[step];
  return stretch.start_ns +
         static_cast<std::uint64_t>(static_cast<double>(index - stretch.first) * stretch.interval_ns);
}

bool Schedule::over(std::uint64_t now) const {
  return stopped_ || (end_ns_ != 0 && now >= end_ns_);
}

}  // namespace plateau::load
