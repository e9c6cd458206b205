// What happened when: requests by the time of their end, in slots that widen as the capture goes on, so that
// there are never more than a fixed number of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "attribution/budget.h"
#include "attribution/histogram.h"
#include "attribution/stage.h"

namespace plateau::attribution {

struct TimeSlot {
  std::uint64_t count = 0;
  std::array<std::uint64_t, kStages> stage_ns{};  // sums
  Histogram latency;
  std::uint64_t paused_ns = 0;  // of the slot, in which nobody looked

  void merge(const TimeSlot& other);
};

class TimeSeries {
 public:
  static constexpr std::size_t kMostSlots = 120;
  static constexpr std::uint64_t kFinestNs = 10'000'000;

  // `end_ns` as in request::Request. What ended before the first one that was added counts in its slot.
  void add(std::uint64_t end_ns, const Budget& budget);
  void add_pause(std::uint64_t from_ns, std::uint64_t to_ns);

  std::uint64_t start_ns() const { return start_ns_; }  // of the first slot; 0: there is none
  std::uint64_t width_ns() const { return width_ns_; }
  const std::vector<TimeSlot>& slots() const { return slots_; }

  // Requests/s while they were looked at; `slot` < slots().size(). 0 where nobody looked. The last slot is
  // taken up to the last end.
  double throughput(std::size_t slot) const;

 private:
  TimeSlot& slot_at(std::uint64_t ns);
  void halve();

  std::vector<TimeSlot> slots_;
  std::uint64_t start_ns_ = 0;
  std::uint64_t last_ns_ = 0;
  std::uint64_t width_ns_ = kFinestNs;
};

}  // namespace plateau::attribution
