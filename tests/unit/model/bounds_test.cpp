#include "model/bounds.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/mean_value_analysis.h"
#include "model/random_stream.h"
#include "network_examples.h"

namespace plateau::model {
namespace {

TEST(Bounds, FollowFromTheDemands) {
  const auto few = asymptotic_bounds(jain(), 2);  // D = 6, D_max = 3, Z = 4
  ASSERT_TRUE(few.ok());
  EXPECT_NEAR(few->throughput_high, 2 / 10.0, 1e-12);
  EXPECT_NEAR(few->throughput_low, 2 / 16.0, 1e-12);
  EXPECT_NEAR(few->response_low, 6, 1e-12);
  EXPECT_NEAR(few->response_high, 12, 1e-12);
  const auto many = asymptotic_bounds(jain(), 20);
  EXPECT_NEAR(many->throughput_high, 1 / 3.0, 1e-12);
  EXPECT_NEAR(many->response_low, 56, 1e-12);
  EXPECT_NEAR(saturation_point(jain()), 10 / 3.0, 1e-12);
}

TEST(Bounds, BalancedJobBoundsAreTightForBalancedNetworks) {
  const ClosedNetwork network{{queue("a", 0.5), queue("b", 0.5)}, 0};
  const auto b = balanced_job_bounds(network, 9);
  ASSERT_TRUE(b.ok());
  EXPECT_NEAR(b->throughput_high, 9 / (0.5 * 10), 1e-12);
  EXPECT_NEAR(b->throughput_low, b->throughput_high, 1e-12);
}

ClosedNetwork random_network(RandomStream& random, bool multi) {
  ClosedNetwork network;
  network.think = random.below(2) ? random.exponential(3) : 0;
  for (unsigned i = 0, n = 1 + random.below(5); i < n; i++)
    network.stations.push_back(queue("q", random.exponential(1), multi ? 1 + random.below(6) : 1));
  if (random.below(2)) network.stations.push_back(delay("d", random.exponential(1)));
  return network;
}

TEST(Bounds, HoldForTheExactSolution) {
  RandomStream random(61);
  for (int round = 0; round < 211; round++) {
    const ClosedNetwork network = random_network(random, round % 2);
    const auto solutions = solve_closed(network, 101);
    ASSERT_TRUE(solutions.ok());
    double before = 0;
    for (const auto& s : *solutions) {
      const Bounds wide = *asymptotic_bounds(network, s.customers);
      EXPECT_LE(s.throughput, wide.throughput_high * (1 + 1e-9));
      EXPECT_GE(s.throughput, wide.throughput_low * (1 - 1e-9));
      EXPECT_GE(s.response, wide.response_low * (1 - 1e-9));
      EXPECT_LE(s.response, wide.response_high * (1 + 1e-9));
      EXPECT_GE(s.throughput, before * (1 - 1e-9)) << "more customers, less throughput";
      before = s.throughput;
      const auto narrow = balanced_job_bounds(network, s.customers);
      if (!narrow) continue;
      EXPECT_LE(s.throughput, narrow->throughput_high * (1 + 1e-9));
      EXPECT_GE(s.throughput, narrow->throughput_low * (1 - 1e-9));
      EXPECT_LE(narrow->throughput_high, wide.throughput_high * (1 + 1e-9));
      EXPECT_GE(narrow->throughput_low, wide.throughput_low * (1 - 1e-9));
    }
  }
}

TEST(Bounds, DelaysLimitNothing) {
  const ClosedNetwork network{{delay("d", 2)}, 0};
  EXPECT_NEAR(asymptotic_bounds(network, 8)->throughput_high, 4, 1e-12);
  EXPECT_NEAR(balanced_job_bounds(network, 8)->throughput_low, 4, 1e-12);
  EXPECT_TRUE(std::isinf(saturation_point(network)));
}

TEST(Bounds, OfOpenNetworksEndAtTheCapacity) {
  const std::vector<Station> stations{queue("a", 0.1, 2), delay("d", 1)};
  EXPECT_NEAR(open_bounds(stations, 5)->throughput_high, 5, 1e-12);
  EXPECT_NEAR(open_bounds(stations, 50)->throughput_high, 20, 1e-12);
  EXPECT_NEAR(open_bounds(stations, 5)->response_low, 1.1, 1e-12);
  EXPECT_TRUE(std::isinf(open_bounds(stations, 5)->response_high));
}

TEST(Bounds, RefuseWhatHasNone) {
  EXPECT_FALSE(asymptotic_bounds(jain(), 0).ok());
  EXPECT_FALSE(asymptotic_bounds({{queue("a", NAN)}, 0}, 1).ok());
  EXPECT_FALSE(balanced_job_bounds(bolch_delay(), 3).ok());
  EXPECT_FALSE(open_bounds({}, -1).ok());
}

}  // namespace
}  // namespace plateau::model
