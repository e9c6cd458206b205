// Linux capabilities of the calling thread: capabilities(7). Bits by their number.
#pragma once

#include <cstdint>
#include <thread>

#include "base/result.h"

namespace plateau {

using Capabilities = std::uint64_t;

constexpr Capabilities capability_bit(unsigned number) {
  return Capabilities{1} << number;
}

// In effect for this thread; none where they cannot be read.
Capabilities effective_capabilities();

// Gives all others up, for this thread and those that it makes from now on, and whatever program it executes.
Status keep_capabilities(Capabilities keep);

// Runs `make` on a thread that keeps only these: threads that it starts have no others either.
template <class Make>
auto made_with_capabilities(Capabilities keep, Make make) {
  decltype(make()) made = fail("");
  std::thread([&] {
    const auto kept = keep_capabilities(keep);
    made = kept ? make() : decltype(make())(kept.error());
  }).join();
  return made;
}

}  // namespace plateau
