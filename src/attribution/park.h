// What a goroutine waits for while it is on no thread: what the stage `parked` is made up of.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <string_view>

#include "bpf/park_record.h"

namespace plateau::attribution {

inline constexpr std::array<std::string_view, PL_PARKS> kParkNames{
    "other", "channel", "select", "sync", "network", "timer", "gc", "runnable"};

inline constexpr std::array<std::string_view, PL_PARKS> kParkMeaning{
    "another cause, or not known", "a channel",         "a select",
    "a mutex or semaphore",        "a descriptor",      "time.Sleep",
    "the garbage collector",       "a thread to run on"};

using Parks = std::array<std::uint64_t, PL_PARKS>;  // ns, by enum pl_park

// Whether more is known than that it was parked.
inline bool is_told(const Parks& parks) {
  return std::any_of(parks.begin() + 1, parks.end(), [](std::uint64_t ns) { return ns != 0; });
}

}  // namespace plateau::attribution
