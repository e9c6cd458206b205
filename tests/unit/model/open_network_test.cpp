#include "model/open_network.h"

#include <gtest/gtest.h>

#include <cmath>

#include "network_examples.h"

namespace plateau::model {
namespace {

TEST(OpenNetwork, ErlangCMatchesItsDefinition) {
  EXPECT_NEAR(erlang_c(0.7, 1), 0.7, 1e-12);    // M/M/1: the probability that it is busy
  EXPECT_NEAR(erlang_c(1, 2), 1 / 3.0, 1e-12);  // 2 u^2 / (1 + u) at u = 1/2
  for (const unsigned m : {3u, 10u})
    for (const double a : {0.1, 2.0, 2.9}) {
      double term = 1, sum = 0;  // a^j / j!
      for (unsigned j = 0; j < m; j++, term *= a / j) sum += term;
      const double last = term * m / (m - a);
      EXPECT_NEAR(erlang_c(a, m), last / (sum + last), 1e-12);
    }
  EXPECT_EQ(erlang_c(3, 3), 1);
  EXPECT_EQ(erlang_c(0, 3), 0);
  EXPECT_GT(erlang_c(999, 1000), 0.9);
}

TEST(OpenNetwork, SolvesEveryStationByItself) {
  const auto s = solve_open({queue("a", 0.05), queue("b", 0.2, 4), delay("c", 1)}, 10);
  ASSERT_TRUE(s.ok() && s->has_value());
  EXPECT_NEAR((*s)->stations[0].residence, 0.05 / (1 - 0.5), 1e-12);
  EXPECT_NEAR((*s)->stations[1].residence, 0.2 + erlang_c(2, 4) * 0.05 / 0.5, 1e-12);
  EXPECT_NEAR((*s)->stations[2].queue, 10, 1e-12);
  EXPECT_NEAR((*s)->response, (*s)->stations[0].residence + (*s)->stations[1].residence + 1, 1e-12);
  EXPECT_EQ((*s)->throughput, 10);
}

TEST(OpenNetwork, SaysThatThereIsNoSteadyState) {
  for (const double rate : {20.0, 21.0}) {
    const auto s = solve_open({queue("a", 0.05)}, rate);
    ASSERT_TRUE(s.ok());
    EXPECT_FALSE(s->has_value());
  }
  EXPECT_TRUE(solve_open({queue("a", 0.05)}, 19.999)->has_value());
}

// Many customers that think for long are an open load.
TEST(OpenNetwork, IsTheLimitOfClosedOnes) {
  const std::vector<Station> stations{queue("a", 0.05), queue("b", 0.2, 4)};
  const auto open = solve_open(stations, 10);
  const auto closed = solve_closed({stations, 2000}, 20'000);
  ASSERT_TRUE(closed.ok());
  EXPECT_NEAR(closed->back().response / (*open)->response, 1, 1e-3);
}

TEST(OpenNetwork, RefusesWhatItCannotSolve) {
  EXPECT_FALSE(solve_open({queue("a", 1)}, -1).ok());
  EXPECT_FALSE(solve_open({queue("a", -1)}, 1).ok());
  Station rates = queue("a", 1);
  rates.rates = {1, 2};
  EXPECT_FALSE(solve_open({rates}, 0.1).ok());
}

}  // namespace
}  // namespace plateau::model
