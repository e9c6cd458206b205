#include "httpd/stamp_clock.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace plateau::httpd {
namespace {

// By how much the clock lies outside a bracket of the kernel's, at best of some: being scheduled out in
// between only widens the bracket.
std::uint64_t outside(const StampClock& clock) {
  std::uint64_t best = ~0ULL;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t before = monotonic_ns();
    const std::uint64_t now = clock.now();
    const std::uint64_t after = monotonic_ns();
    const std::uint64_t error = now < before ? before - now : now > after ? now - after : 0;
    best = std::min(best, error);
  }
  return best;
}

TEST(StampClock, AsksTheKernelBeforeItIsStarted) {
  const StampClock clock;
  EXPECT_FALSE(clock.counting());
  EXPECT_EQ(outside(clock), 0u);
}

TEST(StampClock, KeepsTheKernelsTime) {
  StampClock clock;
  clock.start();
  for (int i = 0; i < 20; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_LT(outside(clock), 2'000u) << "adjusted " << i << " times";
    clock.adjust();
  }
}

TEST(StampClock, NeverRunsBackwardsWhileItIsAdjusted) {
  StampClock clock;
  clock.start();
  std::atomic<bool> done = false;
  std::atomic<int> backwards = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      for (std::uint64_t last = clock.now(); !done.load();) {
        const std::uint64_t now = clock.now();
        if (now < last) ++backwards;
        last = now;
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    clock.adjust();
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(backwards.load(), 0);
}

}  // namespace
}  // namespace plateau::httpd
