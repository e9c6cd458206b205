#include "attribution/time_series.h"

#include <algorithm>

namespace plateau::attribution {

void TimeSlot::merge(const TimeSlot& other) {
  count += other.count;
  paused_ns += other.paused_ns;
  latency.merge(other.latency);
  for (std::size_t i = 0; i < kStages; i++) stage_ns[i] += other.stage_ns[i];
}

void TimeSeries::halve() {
  width_ns_ *= 2;
  for (std::size_t i = 0; 2 * i < slots_.size(); i++) {
    TimeSlot both = std::move(slots_[2 * i]);
    if (2 * i + 1 < slots_.size()) both.merge(slots_[2 * i + 1]);
    slots_[i] = std::move(both);
  }
  slots_.resize((slots_.size() + 1) / 2);
}

TimeSlot& TimeSeries::slot_at(std::uint64_t ns) {
  const std::uint64_t after = ns > start_ns_ ? ns - start_ns_ : 0;
  while (after / width_ns_ >= kMostSlots) halve();
  const std::size_t slot = after / width_ns_;
  if (slot >= slots_.size()) slots_.resize(slot + 1);
  return slots_[slot];
}

void TimeSeries::add(std::uint64_t end_ns, const Budget& budget) {
  if (start_ns_ == 0) start_ns_ = end_ns;
  last_ns_ = std::max(last_ns_, end_ns);
  TimeSlot& slot = slot_at(end_ns);
  slot.count++;
  slot.latency.add(budget.latency_ns);
  for (std::size_t i = 0; i < kStages; i++) slot.stage_ns[i] += budget.ns[i];
}

void TimeSeries::add_pause(std::uint64_t from_ns, std::uint64_t to_ns) {
  if (start_ns_ == 0 || to_ns <= start_ns_) return;
  for (std::uint64_t at = std::max(from_ns, start_ns_); at < to_ns;) {
    TimeSlot& slot = slot_at(at);
    const std::uint64_t end = std::min(to_ns, start_ns_ + ((at - start_ns_) / width_ns_ + 1) * width_ns_);
    slot.paused_ns += end - at;
    at = end;
  }
}

double TimeSeries::throughput(std::size_t slot) const {
  const std::uint64_t begin = start_ns_ + slot * width_ns_;
  std::uint64_t length = width_ns_;
  if (last_ns_ > begin && slot + 1 == slots_.size()) length = std::min(length, last_ns_ - begin);
  const std::uint64_t paused = slots_[slot].paused_ns;
  if (length <= paused) return 0;
  return static_cast<double>(slots_[slot].count) * 1e9 / static_cast<double>(length - paused);
}

}  // namespace plateau::attribution
