// When the next request is due, and how many are left. Pure: times (monotonic nanoseconds) come in.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace plateau::load {

// One request to send.
struct Slot {
  std::uint64_t scheduled_ns = 0;  // open loop: the planned send; closed loop: when it was taken
  std::uint64_t index = 0;         // from 0 over the whole run
};

class Schedule {
 public:
  // `rate` in requests/s, 0 for a closed loop; `requests` and `duration_ns` are 0 where there is no such
  // limit.
  Schedule(double rate, std::uint64_t requests, std::uint64_t duration_ns, std::uint64_t start_ns);

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
  // Slots of the open loop that were planned but not taken when the run ended.
  std::uint64_t missed() const;
  // When to ask again: the time the next slot is due, 0 if at once.
  std::uint64_t next_due_ns() const;

 private:
  std::uint64_t due_ns(std::uint64_t index) const;
  bool over(std::uint64_t now) const;

  double interval_ns_;   // 0: closed loop
  std::uint64_t limit_;  // slots in all
  std::uint64_t start_ns_;
  std::uint64_t end_ns_;  // nothing is taken from here on; 0: never
  std::uint64_t taken_ = 0;
  bool stopped_ = false;
  std::deque<Slot> returned_;
};

}  // namespace plateau::load
