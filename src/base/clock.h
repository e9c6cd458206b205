// The one clock of the project: CLOCK_MONOTONIC in nanoseconds, which is what bpf_ktime_get_ns() reads.
#pragma once

#include <cstdint>
#include <ctime>

namespace plateau {

inline std::uint64_t clock_ns(clockid_t clock) {
  timespec ts{};
  clock_gettime(clock, &ts);
  return static_cast<std::uint64_t>(ts.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(ts.tv_nsec);
}

inline std::uint64_t monotonic_ns() {
  return clock_ns(CLOCK_MONOTONIC);
}

// Nanoseconds to add to a monotonic time to get the Unix time; drifts with clock adjustments.
inline std::int64_t realtime_offset_ns() {
  return static_cast<std::int64_t>(clock_ns(CLOCK_REALTIME)) - static_cast<std::int64_t>(monotonic_ns());
}

}  // namespace plateau
