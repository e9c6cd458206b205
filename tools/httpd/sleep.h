// Sleeping until a moment of the monotonic clock.
#pragma once

#include <cerrno>
#include <cstdint>
#include <ctime>

namespace plateau::httpd {

// Returns at once if `deadline_ns` has passed.
inline void sleep_until_ns(std::uint64_t deadline_ns) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  const timespec deadline{static_cast<time_t>(deadline_ns / kSecond),
                          static_cast<long>(deadline_ns % kSecond)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr) == EINTR) {
  }
}

}  // namespace plateau::httpd
