#include "attribution/latency_profile.h"

#include <gtest/gtest.h>

#include <numeric>

namespace plateau::attribution {
namespace {

Budget budget(std::uint64_t cpu, std::uint64_t lock) {
  Budget b;
  b.ns[index(Stage::cpu)] = cpu;
  b.ns[index(Stage::lock_user)] = lock;
  b.latency_ns = cpu + lock;
  return b;
}

LatencyProfile ninety_nine_fast_and_one_slow() {
  LatencyProfile profile;
  for (int i = 0; i < 990; i++) profile.add(budget(100'000, 0));
  for (int i = 0; i < 10; i++) profile.add(budget(100'000, 5'000'000));
  return profile;
}

TEST(LatencyProfile, TellsTheSlowestFromTheOthers) {
  const auto profile = ninety_nine_fast_and_one_slow();
  const LatencyBand slow = profile.band(0.99, 1), rest = profile.band(0, 0.99);
  EXPECT_NEAR(slow.requests, 10, 1e-9);
  EXPECT_NEAR(slow.mean_ns[index(Stage::lock_user)], 5e6, 1e-6);
  EXPECT_NEAR(rest.mean_ns[index(Stage::lock_user)], 0, 1e-6);
  EXPECT_NEAR(rest.latency_ns, 1e5, 1e-6);
}

TEST(LatencyProfile, WholeBandIsTheMean) {
  const LatencyBand all = ninety_nine_fast_and_one_slow().band(0, 1);
  EXPECT_NEAR(all.latency_ns, 150'000, 1e-6);
  EXPECT_NEAR(all.variance[index(Stage::lock_user)], 0.01 * 0.99 * 25e12, 1);
}

TEST(LatencyProfile, MergesAsIfAllHadBeenAddedToOne) {
  LatencyProfile a, b;
  for (std::uint64_t i = 1; i <= 1009; i++) (i % 2 ? a : b).add(budget(i * 1'000, 0));
  a.merge(b);
  EXPECT_EQ(a.count(), 1009u);
  EXPECT_NEAR(a.band(0, 1).latency_ns, 505'000, 1e-6);
}

TEST(LatencyProfile, PercentileBandsLieWhereThePercentilesAre) {
  LatencyProfile profile;
  for (std::uint64_t i = 1; i <= 10'007; i++) profile.add(budget(i * 1'000, 0));
  EXPECT_NEAR(around(profile, 0.5).latency_ns, 5.0e6, 0.1 * 5.0e6);
  EXPECT_NEAR(around(profile, 0.9).latency_ns, 9.0e6, 0.1 * 9.0e6);
  EXPECT_NEAR(around(profile, 0.99).latency_ns, 9.9e6, 0.1 * 9.9e6);
}

TEST(LatencyProfile, IsEmptyWithoutRequests) {
  EXPECT_EQ(LatencyProfile().band(0, 1).requests, 0);
  EXPECT_EQ(LatencyProfile().band(0, 1).latency_ns, 0);
}

TEST(LatencyProfile, TakesTheLongestLatencies) {
  LatencyProfile profile;
  profile.add(budget(UINT64_MAX / 4, 0));
  profile.add(budget(0, 0));
  EXPECT_EQ(profile.band(0, 1).requests, 2);
}

}  // namespace
}  // namespace plateau::attribution
