// Prints the rate of the CPU's time stamp counter in kHz, for tools/kernel-matrix: an emulated machine has
// the same counter, and, where the host is busy, no steady clock to measure it against.
#include <cinttypes>
#include <cstdint>
#include <cstdio>

#include "base/clock.h"

#ifdef __x86_64__
#include <x86intrin.h>

namespace {

constexpr std::uint64_t kWhileNs = 100'000'000;
constexpr int kTries = 100;

struct Reading {
  std::uint64_t ns;
  std::uint64_t ticks;
};

// Of many readings the one that took the least time: nothing came between its two clocks.
Reading read_both() {
  Reading best{};
  std::uint64_t least = UINT64_MAX;
  for (int i = 0; i < kTries; ++i) {
    const std::uint64_t before = __rdtsc();
    const std::uint64_t ns = plateau::monotonic_ns();
    const std::uint64_t after = __rdtsc();
    if (after - before >= least) continue;
    least = after - before;
    best = {ns, before + least / 2};
  }
  return best;
}

}  // namespace

int main() {
  const Reading from = read_both();
  while (plateau::monotonic_ns() - from.ns < kWhileNs) {
  }
  const Reading to = read_both();
  std::printf("%" PRIu64 "\n", (to.ticks - from.ticks) * 1'000'000 / (to.ns - from.ns));
}
#else
int main() {
  return 1;
}
#endif
