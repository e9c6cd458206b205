// When the next request is due, and how many are left. Pure: times (monotonic nanoseconds) come in.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "load/plan.h"
#include "load/ring.h"

namespace plateau::load {

// One request to send.
struct Slot {
  std::uint64_t scheduled_ns = 0;  // open loop: the planned send; closed loop: when it was taken
  std::uint64_t index = 0;         // from 0 over the whole run, all threads together
  std::uint32_t step = 0;          // of the plan
};

class Schedule {
 public:
  Schedule(const Plan& plan, Share share, std::uint64_t start_ns);

  // Moves the whole plan so that it begins at `start_ns`. Before the first take().
  void begin_at(std::uint64_t start_ns);

  // The next slot, if one is due at `now`.
  std::optional<Slot> take(std::uint64_t now);
  // A slot whose request the server refused to look at; it will be taken again.
  void give_back(Slot slot) { returned_.push_back(slot); }

  // Nothing more is taken from now on.
  void stop() { stopped_ = true; }

  // Nothing will be due from `now` on.
  bool exhausted(std::uint64_t now) const { return left(now) == 0; }
  // Slots still to be taken, due or not; without a limit in number, a large number.
  std::uint64_t left(std::uint64_t now) const;
  // Slots that were planned but not taken when the run ended; none without a plan in number.
  std::uint64_t missed() const;
  // When to ask again: the time the next slot is due, 0 if at once.
  std::uint64_t next_due_ns() const;

  // Slots of the share planned for a step; 0 where the plan has no number.
  std::uint64_t planned(std::size_t step) const;
  // The time that the plan gives to a step; an end of 0: none.
  std::uint64_t step_start_ns(std::size_t step) const { return stretches_[step].start_ns; }
  std::uint64_t step_end_ns(std::size_t step) const { return stretches_[step].end_ns; }

 private:
  // A step laid out in time and number.
  struct Stretch {
    double interval_ns = 0;  // 0: closed loop
    std::uint64_t start_ns = 0;
    std::uint64_t end_ns = 0;  // 0: never
    std::uint64_t first = 0;   // index of its first slot
    std::uint64_t end = 0;     // index behind its last
  };

  std::uint64_t next_index() const { return share_.index + taken_ * share_.of; }
  std::uint64_t due_ns(std::uint64_t index) const;
  bool over(std::uint64_t now) const;

  Share share_;
  std::vector<Stretch> stretches_;
  std::size_t current_ = 0;  // stretch of the next slot
  std::uint64_t limit_ = 0;  // slots of this share in all
  bool limited_ = false;
  std::uint64_t end_ns_ = 0;  // nothing is taken from here on; 0: never
  std::uint64_t taken_ = 0;
  bool stopped_ = false;
  Ring<Slot> returned_;
};

}  // namespace plateau::load
