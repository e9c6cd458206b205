#include "httpd/section.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <latch>
#include <thread>
#include <vector>

#include "base/clock.h"

namespace plateau::httpd {
namespace {

constexpr std::uint64_t kHold = 340'000;

TEST(Pacing, HoldsForTheWholeTimeWhenAlone) {
  Pacing pacing(kHold);
  EXPECT_EQ(pacing.leave_at(1'000'000, false), 1'000'000 + kHold);
  EXPECT_EQ(pacing.leave_at(5'000'000, false), 5'000'000 + kHold);
}

TEST(Pacing, FirstPassHoldsForTheWholeTimeEvenIfSomebodyWaits) {
  Pacing pacing(kHold);
  EXPECT_EQ(pacing.leave_at(1'000'000, true), 1'000'000 + kHold);
}

TEST(Pacing, CountsTheHandOverAsPartOfTheHold) {
  Pacing pacing(kHold);
  std::uint64_t leave = pacing.leave_at(1'000'000, false);
  for (const std::uint64_t hand_over : {5'000u, 80'000u, 1u, 339'999u, 20'000u}) {
    const std::uint64_t next = pacing.leave_at(leave + hand_over, true);
    EXPECT_EQ(next, leave + kHold);
    leave = next;
  }
}

// Waking up late moves the true end of a hold, not the plan: a thousand passes, each 60 us late and 30 us in
// being handed over, still take a thousand holds.
TEST(Pacing, DoesNotAddUpLateWakeUps) {
  Pacing pacing(kHold);
  const std::uint64_t first = pacing.leave_at(1'000'000, false);
  std::uint64_t leave = first;
  for (int pass = 0; pass < 1000; ++pass) leave = pacing.leave_at(leave + 60'000 + 30'000, true);
  EXPECT_EQ(leave, first + 1000 * kHold);
}

TEST(Pacing, DoesNotCatchUpAfterAStall) {
  Pacing pacing(kHold);
  const std::uint64_t leave = pacing.leave_at(1'000'000, false);
  const std::uint64_t late = leave + 50 * kHold;
  EXPECT_EQ(pacing.leave_at(late, true), late);
  EXPECT_EQ(pacing.leave_at(late + 1'000, true), late + kHold);
}

TEST(Section, PassesNeverOverlapAndKeepTheCeiling) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kPasses = 25;
  constexpr std::uint64_t kShortHold = 1'000'000;
  Section section(kShortHold);
  std::vector<std::vector<SectionPass>> per_thread(kThreads);
  std::latch start(kThreads);
  std::vector<std::thread> threads;
  for (std::vector<SectionPass>& passes : per_thread) {
    threads.emplace_back([&section, &start, &passes] {
      start.arrive_and_wait();
      for (std::size_t i = 0; i < kPasses; ++i) passes.push_back(hold_section(section));
    });
  }
  for (std::thread& thread : threads) thread.join();

  std::vector<SectionPass> all;
  for (const auto& passes : per_thread) all.insert(all.end(), passes.begin(), passes.end());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.entered < b.entered; });
  ASSERT_EQ(all.size(), kThreads * kPasses);
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_GE(all[i].entered, all[i - 1].left);
  for (const SectionPass& pass : all) EXPECT_LE(pass.asked, pass.entered);
  EXPECT_GE(all.back().left - all.front().entered, (all.size() - 1) * kShortHold);
  EXPECT_EQ(section.waiters.load(), 0u);
}

TEST(Section, AloneHoldsAtLeastTheTime) {
  Section section(2'000'000);
  const SectionPass pass = hold_section(section);
  EXPECT_GE(pass.left - pass.entered, 2'000'000u);
}

}  // namespace
}  // namespace plateau::httpd
