// The planted bottleneck: a critical section that every request passes, with a ceiling of exactly 1/hold.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>

#include "httpd/bottleneck_options.h"

namespace plateau::httpd {

// Decides when a hold ends. All times are monotonic nanoseconds. Pure.
//
// Alone, a hold lasts `hold` from entering. While others wait, holds end `hold` after the planned end of the
// one before, or at once if that moment has passed: handing the mutex over and waking up late count as part
// of the hold, so ends are never closer than `hold` and the rate under contention is 1/hold on any machine.
class Pacing {
 public:
  explicit Pacing(std::uint64_t hold_ns) : hold_ns_(hold_ns) {}

  // The moment to leave for one who entered at `entered`; `contended` tells whether anybody had to wait.
  std::uint64_t leave_at(std::uint64_t entered, bool contended) {
    std::uint64_t leave = entered + hold_ns_;
    if (contended && last_leave_ != 0) {
      leave = last_leave_ + hold_ns_ > entered ? last_leave_ + hold_ns_ : entered;
    }
    last_leave_ = leave;
    return leave;
  }

 private:
  std::uint64_t hold_ns_;
  std::uint64_t last_leave_ = 0;
};

struct Section {
  explicit Section(std::uint64_t hold_ns, HoldKind held = HoldKind::blocked,
                   WaitKind waited = WaitKind::block)
      : hold_kind(held), wait_kind(waited), pacing(hold_ns) {}

  const HoldKind hold_kind;
  const WaitKind wait_kind;
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  std::atomic<std::uint32_t> waiters{0};
  Pacing pacing;  // guarded by mutex
};

// Monotonic nanoseconds of one pass.
struct SectionPass {
  std::uint64_t asked = 0;
  std::uint64_t entered = 0;
  std::uint64_t left = 0;  // read just before the unlock
};

// Locks, sleeps or spins out the hold and unlocks. Never inlined and with linkage, because its name is what a
// profiler that unwinds from the wake-up inside pthread_mutex_unlock() must find.
[[gnu::noinline]] SectionPass hold_section(Section& section);

}  // namespace plateau::httpd
