// The clock of the truth log's stamps: CLOCK_MONOTONIC, read from the CPU's time stamp counter where the
// kernel keeps time by the same counter. The kernel's own reading (vDSO) waits for all instructions before
// it; three of them a request were half of what the log cost a trivial handler.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "base/clock.h"

namespace plateau::httpd {

__extension__ typedef unsigned __int128 Wide;

// Any thread may read, and adjust.
class StampClock {
 public:
  // Nanoseconds of CLOCK_MONOTONIC, to a fraction of a microsecond where adjust() is called now and then.
  // Never runs backwards on one thread.
  std::uint64_t now() const;

  // Reads the counter from now on, if the kernel keeps time by it: takes 2 ms to learn its rate. Else, and
  // before, now() asks the kernel.
  void start();
  bool counting() const { return version_.load(std::memory_order_relaxed) != 0; }

  // Follows what the kernel's clock has done since: its rate is steered, and was learned to some
  // hundred-thousandths only. Does nothing within 20 ms of the last time.
  void adjust();

  // The kernel is asked again.
  void stop();

 private:
  struct Reading {
    std::uint64_t ticks;
    std::uint64_t ns;
  };
  static Reading read_both();
  static std::uint64_t ticks();  // of this CPU
  std::uint64_t at(std::uint64_t counted) const;
  void publish(const Reading& from, std::uint64_t ns_per_tick);

  std::atomic<std::uint32_t> version_{0};  // odd while the line below is being written; 0: not started
  std::atomic<std::uint64_t> from_ticks_{0}, from_ns_{0};
  std::atomic<std::uint64_t> ns_per_tick_{0};  // times 2^32
  std::mutex adjusting_;                       // guards last_
  Reading last_{};
};

// The process's own, which Truth starts and adjusts.
StampClock& stamp_clock();

#if defined(__x86_64__)
inline std::uint64_t StampClock::ticks() {
  return __builtin_ia32_rdtsc();
}
#else
inline std::uint64_t StampClock::ticks() {
  return 0;
}
#endif

inline std::uint64_t StampClock::at(std::uint64_t counted) const {
  const std::uint64_t since = counted - from_ticks_.load(std::memory_order_acquire);
  const std::uint64_t ns = from_ns_.load(std::memory_order_acquire);
  // Another CPU's counter may be a few ticks behind the one that was read for the beginning.
  if (static_cast<std::int64_t>(since) < 0) return ns;
  const std::uint64_t rate = ns_per_tick_.load(std::memory_order_acquire);
  return ns + static_cast<std::uint64_t>((Wide{since} * rate) >> 32);
}

inline std::uint64_t StampClock::now() const {
  while (true) {
    const std::uint32_t before = version_.load(std::memory_order_acquire);
    if (before == 0) return monotonic_ns();
    const std::uint64_t ns = at(ticks());
    if (before % 2 == 0 && version_.load(std::memory_order_relaxed) == before) return ns;
  }
}

namespace detail {
inline StampClock process_stamp_clock;
}  // namespace detail

inline StampClock& stamp_clock() {
  return detail::process_stamp_clock;
}

}  // namespace plateau::httpd
