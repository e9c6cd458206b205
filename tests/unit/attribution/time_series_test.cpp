#include "attribution/time_series.h"

#include <gtest/gtest.h>

namespace plateau::attribution {
namespace {

constexpr std::uint64_t kMs = 1'000'000;

Budget budget(std::uint64_t ns) {
  Budget b;
  b.ns[index(Stage::cpu)] = b.latency_ns = ns;
  return b;
}

TEST(TimeSeries, NeverHoldsMoreThanItsBound) {
  TimeSeries series;
  for (std::uint64_t i = 0; i < 100'003; i++) series.add(kMs + i * 7 * kMs, budget(kMs));
  EXPECT_LE(series.slots().size(), TimeSeries::kMostSlots);
  std::uint64_t count = 0, ns = 0;
  for (const auto& slot : series.slots()) {
    count += slot.count;
    ns += slot.stage_ns[index(Stage::cpu)];
    EXPECT_EQ(slot.count, slot.latency.count());
  }
  EXPECT_EQ(count, 100'003u);
  EXPECT_EQ(ns, 100'003 * kMs);
}

TEST(TimeSeries, GivesTheRateOfEachSlot) {
  TimeSeries series;
  for (std::uint64_t i = 0; i <= 1000; i++) series.add(5 * kMs + i * kMs, budget(kMs));
  for (std::size_t i = 0; i + 1 < series.slots().size(); i++)
    EXPECT_NEAR(series.throughput(i), 1000, 1e-6) << i;
}

TEST(TimeSeries, LeavesPausesOutOfTheRate) {
  TimeSeries series;
  for (std::uint64_t i = 0; i < 5; i++) series.add(kMs + i * kMs, budget(kMs));
  series.add_pause(6 * kMs, 16 * kMs);
  for (std::uint64_t i = 15; i < 30; i++) series.add(kMs + i * kMs, budget(kMs));
  EXPECT_NEAR(series.throughput(0), 1000, 1e-6);
  EXPECT_NEAR(series.throughput(1), 1000, 1e-6);
}

TEST(TimeSeries, CountsWhatEndedBeforeTheFirstInTheFirstSlot) {
  TimeSeries series;
  series.add(100 * kMs, budget(kMs));
  series.add(50 * kMs, budget(kMs));
  ASSERT_EQ(series.slots().size(), 1u);
  EXPECT_EQ(series.slots()[0].count, 2u);
}

}  // namespace
}  // namespace plateau::attribution
