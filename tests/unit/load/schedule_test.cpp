#include "load/schedule.h"

#include <gtest/gtest.h>

namespace plateau::load {
namespace {

constexpr std::uint64_t kStart = 1'000'000'000;
constexpr std::uint64_t kSecond = 1'000'000'000;

TEST(Schedule, ClosedLoopGivesExactlyTheNumberAskedFor) {
  Schedule schedule(0, 3, 0, kStart);
  for (std::uint64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(schedule.left(kStart), 3 - i);
    const auto slot = schedule.take(kStart + i);
    ASSERT_TRUE(slot);
    EXPECT_EQ(slot->scheduled_ns, kStart + i);
    EXPECT_EQ(slot->index, i);
  }
  EXPECT_FALSE(schedule.take(kStart + 9));
  EXPECT_TRUE(schedule.exhausted(kStart + 9));
  EXPECT_EQ(schedule.missed(), 0u);
}

TEST(Schedule, ClosedLoopEndsWithTheTime) {
  Schedule schedule(0, 0, kSecond, kStart);
  EXPECT_TRUE(schedule.take(kStart + kSecond - 1));
  EXPECT_FALSE(schedule.take(kStart + kSecond));
  EXPECT_TRUE(schedule.exhausted(kStart + kSecond));
  EXPECT_EQ(schedule.missed(), 0u);
}

TEST(Schedule, OpenLoopKeepsThePlanHoweverLateItIsAsked) {
  Schedule schedule(1000, 0, kSecond, kStart);
  EXPECT_EQ(schedule.take(kStart)->scheduled_ns, kStart);
  EXPECT_FALSE(schedule.take(kStart + 999'999));
  EXPECT_EQ(schedule.next_due_ns(), kStart + 1'000'000);
  const std::uint64_t late = kStart + 500'000'000;
  for (std::uint64_t i = 1; i <= 500; ++i) {
    const auto slot = schedule.take(late);
    ASSERT_TRUE(slot) << i;
    EXPECT_EQ(slot->scheduled_ns, kStart + i * 1'000'000);
  }
  EXPECT_FALSE(schedule.take(late));
}

TEST(Schedule, OpenLoopPlansRateTimesDuration) {
  Schedule schedule(1000, 0, kSecond, kStart);
  std::uint64_t taken = 0;
  while (schedule.take(kStart + kSecond)) ++taken;
  EXPECT_EQ(taken, 1000u);
  EXPECT_TRUE(schedule.exhausted(kStart + kSecond));
}

TEST(Schedule, OpenLoopCountsWhatWasNeverSent) {
  Schedule schedule(1000, 0, kSecond, kStart);
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(schedule.take(kStart + kSecond));
  EXPECT_FALSE(schedule.take(kStart + 2 * kSecond));
  EXPECT_EQ(schedule.missed(), 700u);
}

TEST(Schedule, GivesReturnedSlotsAgainFirst) {
  Schedule schedule(0, 2, 0, kStart);
  const Slot first = *schedule.take(kStart);
  ASSERT_TRUE(schedule.take(kStart + 1));
  EXPECT_TRUE(schedule.exhausted(kStart + 2));
  schedule.give_back(first);
  EXPECT_EQ(schedule.left(kStart + 2), 1u);
  const auto again = schedule.take(kStart + 3);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->index, first.index);
  EXPECT_EQ(again->scheduled_ns, first.scheduled_ns);
}

TEST(Schedule, GivesNothingOnceStopped) {
  Schedule schedule(0, 5, 0, kStart);
  schedule.stop();
  EXPECT_FALSE(schedule.take(kStart));
  EXPECT_EQ(schedule.left(kStart), 0u);
  EXPECT_EQ(schedule.missed(), 5u);
}

}  // namespace
}  // namespace plateau::load
