#include "load/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace plateau::load {
namespace {

constexpr std::uint64_t kStart = 1'000'000'000;
constexpr std::uint64_t kSecond = 1'000'000'000;

Schedule one_step(double rate, std::uint64_t requests, std::uint64_t duration_ns) {
  return Schedule(Plan{{Step{rate, duration_ns}}, requests}, Share{}, kStart);
}

TEST(Schedule, ClosedLoopGivesExactlyTheNumberAskedFor) {
  Schedule schedule = one_step(0, 3, 0);
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
  Schedule schedule = one_step(0, 0, kSecond);
  EXPECT_TRUE(schedule.take(kStart + kSecond - 1));
  EXPECT_FALSE(schedule.take(kStart + kSecond));
  EXPECT_TRUE(schedule.exhausted(kStart + kSecond));
  EXPECT_EQ(schedule.missed(), 0u);
}

TEST(Schedule, CanBeMovedLaterAndEarlierBeforeItBegins) {
  for (const std::uint64_t begin : {kStart + 5 * kSecond, kStart - 7}) {
    Schedule schedule = one_step(0, 0, kSecond);
    schedule.begin_at(kStart + 9 * kSecond);
    EXPECT_FALSE(schedule.exhausted(kStart + 9 * kSecond));
    schedule.begin_at(begin);
    EXPECT_EQ(schedule.step_start_ns(0), begin);
    EXPECT_EQ(schedule.step_end_ns(0), begin + kSecond);
    EXPECT_TRUE(schedule.take(begin + kSecond - 1));
    EXPECT_FALSE(schedule.take(begin + kSecond));
  }
  Schedule endless = one_step(0, 3, 0);
  endless.begin_at(kStart + kSecond);
  EXPECT_EQ(endless.step_end_ns(0), 0u);
  EXPECT_TRUE(endless.take(kStart + kSecond));
}

TEST(Schedule, OpenLoopKeepsThePlanHoweverLateItIsAsked) {
  Schedule schedule = one_step(1000, 0, kSecond);
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
  Schedule schedule = one_step(1000, 0, kSecond);
  std::uint64_t taken = 0;
  while (schedule.take(kStart + kSecond)) ++taken;
  EXPECT_EQ(taken, 1000u);
  EXPECT_TRUE(schedule.exhausted(kStart + kSecond));
}

TEST(Schedule, OpenLoopCountsWhatWasNeverSent) {
  Schedule schedule = one_step(1000, 0, kSecond);
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(schedule.take(kStart + kSecond));
  EXPECT_FALSE(schedule.take(kStart + 2 * kSecond));
  EXPECT_EQ(schedule.missed(), 700u);
}

TEST(Schedule, GivesReturnedSlotsAgainFirst) {
  Schedule schedule = one_step(0, 2, 0);
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
  Schedule schedule = one_step(0, 5, 0);
  schedule.stop();
  EXPECT_FALSE(schedule.take(kStart));
  EXPECT_EQ(schedule.left(kStart), 0u);
  EXPECT_EQ(schedule.missed(), 5u);
}

TEST(Schedule, StepsFollowEachOther) {
  Schedule schedule(Plan{{Step{10, kSecond}, Step{1000, kSecond}, Step{20, kSecond}}, 0}, Share{}, kStart);
  std::vector<std::uint64_t> counts(3);
  std::uint64_t before = 0;
  while (const auto slot = schedule.take(kStart + 3 * kSecond)) {
    EXPECT_GE(slot->scheduled_ns, schedule.step_start_ns(slot->step));
    EXPECT_LT(slot->scheduled_ns, schedule.step_end_ns(slot->step));
    EXPECT_GE(slot->scheduled_ns, before);
    before = slot->scheduled_ns;
    ++counts[slot->step];
  }
  EXPECT_EQ(counts, (std::vector<std::uint64_t>{10, 1000, 20}));
  for (std::size_t step = 0; step < 3; ++step) EXPECT_EQ(schedule.planned(step), counts[step]);
  EXPECT_EQ(schedule.step_start_ns(2), kStart + 2 * kSecond);
  EXPECT_EQ(schedule.step_end_ns(2), kStart + 3 * kSecond);
}

TEST(Schedule, TellsWhenTheFirstSlotOfTheNextStepIsDue) {
  Schedule schedule(Plan{{Step{1, kSecond}, Step{1000, kSecond}}, 0}, Share{}, kStart);
  ASSERT_TRUE(schedule.take(kStart));
  EXPECT_EQ(schedule.next_due_ns(), kStart + kSecond);
  EXPECT_FALSE(schedule.take(kStart + kSecond - 1));
  EXPECT_EQ(schedule.take(kStart + kSecond)->step, 1u);
}

// Three threads on one plan take each of its slots once.
TEST(Schedule, SharesMakeUpTheWhole) {
  const Plan plan{{Step{100, kSecond}, Step{301, kSecond}}, 0};
  std::vector<std::uint64_t> due(401, 0);
  std::uint64_t planned = 0;
  for (std::uint32_t thread = 0; thread < 3; ++thread) {
    Schedule schedule(plan, Share{thread, 3}, kStart);
    planned += schedule.planned(0) + schedule.planned(1);
    while (const auto slot = schedule.take(kStart + 2 * kSecond)) {
      ASSERT_LT(slot->index, due.size());
      EXPECT_EQ(due[slot->index], 0u) << "taken twice";
      due[slot->index] = slot->scheduled_ns;
    }
    EXPECT_TRUE(schedule.exhausted(kStart));
  }
  EXPECT_EQ(planned, 401u);
  EXPECT_TRUE(std::is_sorted(due.begin(), due.end()));
  EXPECT_EQ(due.front(), kStart);
  EXPECT_EQ(due[100], kStart + kSecond);
}

TEST(Schedule, AShareMayBeEmpty) {
  Schedule schedule(Plan{{Step{0, 0}}, 2}, Share{2, 3}, kStart);
  EXPECT_TRUE(schedule.exhausted(kStart));
  EXPECT_FALSE(schedule.take(kStart));
  EXPECT_EQ(schedule.missed(), 0u);
}

}  // namespace
}  // namespace plateau::load
