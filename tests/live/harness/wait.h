// Waiting for a condition that nothing announces.
#pragma once

#include <poll.h>

#include <cstdint>

#include "base/clock.h"

namespace plateau::live {

// Asks every two milliseconds; false if `condition` does not hold within `timeout_ms`.
template <class Condition>
bool wait_until(const Condition& condition, int timeout_ms) {
  const std::uint64_t deadline = monotonic_ns() + static_cast<std::uint64_t>(timeout_ms) * 1'000'000u;
  while (!condition()) {
    if (monotonic_ns() >= deadline) return false;
    ::poll(nullptr, 0, 2);
  }
  return true;
}

}  // namespace plateau::live
