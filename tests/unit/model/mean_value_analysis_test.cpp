#include "model/mean_value_analysis.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "model/bounds.h"
#include "network_examples.h"

namespace plateau::model {
namespace {

ClosedSolution solved(const ClosedNetwork& network, unsigned customers) {
  const auto solutions = solve_closed(network, customers);
  EXPECT_TRUE(solutions.ok());
  return solutions->back();
}

TEST(MeanValueAnalysis, MatchesJainsExample) {
  const auto s = solved(jain(), 20);
  EXPECT_NEAR(s.stations[0].residence, 16 * 0.373, 16 * 5e-4);
  EXPECT_NEAR(s.stations[1].residence, 10 * 4.854, 10 * 5e-4);
  EXPECT_NEAR(s.stations[2].residence, 5 * 0.300, 5 * 5e-4);
  EXPECT_NEAR(s.stations[0].queue, 1.991, 5e-4);
  EXPECT_NEAR(s.stations[1].queue, 16.177, 5e-4);
  EXPECT_NEAR(s.stations[2].queue, 0.500, 5e-4);
}

// Bolch et al., example 8.3 (p. 331).
TEST(MeanValueAnalysis, MatchesBolchsCentralServer) {
  const ClosedNetwork network{
      {queue("cpu", 0.02), queue("1", 0.4 * 0.2), queue("2", 0.2 * 0.4), queue("3", 0.1 * 0.6)}, 0};
  const auto s = solved(network, 6);
  EXPECT_NEAR(s.throughput, 9.920, 5e-4);
  const double queues[] = {0.244, 2.261, 2.261, 1.234}, busy[] = {0.198, 0.794, 0.794, 0.595};
  for (std::size_t i = 0; i < 4; i++) {
    EXPECT_NEAR(s.stations[i].queue, queues[i], 5e-4);
    EXPECT_NEAR(s.stations[i].utilisation, busy[i], 5e-4);
  }
}

// The book goes on with rounded figures: its 1.218 has a queue of 1.217 at a delay of 1 s.
TEST(MeanValueAnalysis, MatchesBolchsStationWithTwoServers) {
  const auto s = solved(bolch_delay(), 3);
  EXPECT_NEAR(s.throughput, 1.218, 1e-3);
  const double queues[] = {0.624, 0.473, 0.686, 1.217}, busy[] = {0.304, 0.365, 0.487};
  for (std::size_t i = 0; i < 4; i++) EXPECT_NEAR(s.stations[i].queue, queues[i], 1e-3);
  for (std::size_t i = 0; i < 3; i++) EXPECT_NEAR(s.stations[i].utilisation, busy[i], 1e-3);
}

TEST(MeanValueAnalysis, MatchesBolchsTwoStationsWithSeveralServers) {
  const auto s = solved(bolch_multi_server(), 3);
  EXPECT_NEAR(s.throughput, 0.945, 1e-3);
  const double queues[] = {1.290, 1.050, 0.660}, busy[] = {0.590, 0.350, 0.473};
  for (std::size_t i = 0; i < 3; i++) {
    EXPECT_NEAR(s.stations[i].queue, queues[i], 1e-3);
    EXPECT_NEAR(s.stations[i].utilisation, busy[i], 1e-3);
  }
}

// K equal queues without think time: X = N / (D (N + K - 1)).
TEST(MeanValueAnalysis, MatchesTheClosedFormOfBalancedNetworks) {
  const ClosedNetwork network{{queue("a", 0.5), queue("b", 0.5), queue("c", 0.5)}, 0};
  for (const unsigned n : {1u, 2u, 17u, 1000u})
    EXPECT_NEAR(solved(network, n).throughput, n / (0.5 * (n + 2)), 1e-10);
}

// M/M/m/N/N by its birth-death equations, terms as logarithms.
double repair_throughput(double repair, double up, unsigned m, unsigned n) {
  std::vector<double> log_p(n + 1, 0);
  for (unsigned j = 1; j <= n; j++)
    log_p[j] = log_p[j - 1] + std::log((n - j + 1) / up * repair / std::min(j, m));
  const double top = *std::max_element(log_p.begin(), log_p.end());
  double sum = 0, busy = 0;
  for (unsigned j = 0; j <= n; j++) {
    sum += std::exp(log_p[j] - top);
    busy += std::min(j, m) * std::exp(log_p[j] - top);
  }
  return busy / sum / repair;
}

TEST(MeanValueAnalysis, MatchesTheMachineRepairman) {
  for (const unsigned m : {1u, 2u, 3u, 16u, 64u})
    for (const unsigned n : {1u, 5u, 64u, 80u, 1000u, 5000u}) {
      const auto s = solved(machine_repair(0.25, 3, m), n);
      const double expected = repair_throughput(0.25, 3, m, n);
      EXPECT_NEAR(s.throughput / expected, 1, 1e-9) << m << " servers, " << n << " customers";
      EXPECT_NEAR(s.response, n / expected - 3, 1e-6 * n) << m << " servers, " << n << " customers";
    }
}

// The textbook recursion goes astray here, with negative probabilities.
TEST(MeanValueAnalysis, StaysStableNearSaturationWithManyServers) {
  const ClosedNetwork network{
      {queue("cpu", 0.064, 64), queue("pool", 0.032, 32), queue("lock", 0.00101), delay("disk", 0.1)}, 1};
  const auto solutions = solve_closed(network, 5000);
  ASSERT_TRUE(solutions.ok());
  double before = 0;
  for (const auto& s : *solutions) {
    ASSERT_GE(s.throughput, before * (1 - 1e-12)) << s.customers;
    const Bounds b = *asymptotic_bounds(network, s.customers);
    ASSERT_LE(s.throughput, b.throughput_high * (1 + 1e-9));
    ASSERT_GE(s.throughput, b.throughput_low * (1 - 1e-9));
    double inside = s.throughput * network.think;
    for (const auto& station : s.stations) {
      ASSERT_GE(station.queue, 0);
      inside += station.queue;
    }
    ASSERT_NEAR(inside, s.customers, 1e-6 * s.customers);
    before = s.throughput;
  }
  EXPECT_NEAR(solutions->back().throughput, 1 / 0.00101, 1e-3);
}

TEST(MeanValueAnalysis, OneCustomerMeetsNobody) {
  for (const auto& network : {jain(), bolch_delay(), bolch_multi_server()}) {
    EXPECT_NEAR(solved(network, 1).response, total_demand(network.stations), 1e-12);
    EXPECT_NEAR(solved(network, 1).throughput, 1 / (network.think + total_demand(network.stations)), 1e-12);
  }
}

TEST(MeanValueAnalysis, AsManyServersAsCustomersAreADelay) {
  const ClosedNetwork many{{queue("a", 0.3, 40), queue("b", 0.1)}, 1};
  const ClosedNetwork unlimited{{delay("a", 0.3), queue("b", 0.1)}, 1};
  for (const unsigned n : {1u, 7u, 40u})
    EXPECT_NEAR(solved(many, n).throughput, solved(unlimited, n).throughput, 1e-10);
}

TEST(MeanValueAnalysis, RatesDescribeServersToo) {
  ClosedNetwork by_rates = bolch_delay();
  by_rates.stations[0].rates = {2, 4};
  for (const unsigned n : {1u, 3u, 50u})
    EXPECT_NEAR(solved(by_rates, n).throughput, solved(bolch_delay(), n).throughput, 1e-10);
}

// Chandy, Herzog and Woo 1975: in a product-form network a part may be replaced by one station whose rates
// are the part's throughputs, exactly.
TEST(MeanValueAnalysis, AFlowEquivalentStationChangesNothing) {
  const ClosedNetwork whole{{queue("a", 0.3, 2), queue("b", 0.2), queue("c", 0.15)}, 2};
  const auto part = closed_throughputs({{whole.stations[0], whole.stations[1]}, 0}, 60);
  ASSERT_TRUE(part.ok());
  Station equivalent = queue("a and b", 0);
  equivalent.rates.assign(part->begin() + 1, part->end());
  const ClosedNetwork reduced{{equivalent, whole.stations[2]}, 2};
  for (const unsigned n : {1u, 10u, 60u})
    EXPECT_NEAR(solved(reduced, n).throughput, solved(whole, n).throughput, 1e-9);
}

TEST(MeanValueAnalysis, AStationWithoutDemandIsNotThere) {
  ClosedNetwork network = jain();
  network.stations.push_back(queue("idle", 0, 8));
  const auto s = solved(network, 20);
  EXPECT_NEAR(s.throughput, solved(jain(), 20).throughput, 1e-12);
  EXPECT_EQ(s.stations[3].queue, 0);
}

TEST(MeanValueAnalysis, MarginalsAddUpToOneAndToTheMeanQueue) {
  for (const auto& network : {jain(), bolch_delay(), bolch_multi_server()})
    for (std::size_t k = 0; k < 3; k++) {
      const auto p = marginal_distribution(network, k, 30);
      ASSERT_TRUE(p.ok());
      double mean_queue = 0;
      for (std::size_t j = 0; j < p->size(); j++) mean_queue += static_cast<double>(j) * (*p)[j];
      EXPECT_NEAR(std::accumulate(p->begin(), p->end(), 0.0), 1, 1e-9);
      EXPECT_NEAR(mean_queue, solved(network, 30).stations[k].queue, 1e-8);
    }
}

TEST(MeanValueAnalysis, RefusesWhatItCannotSolve) {
  EXPECT_FALSE(solve_closed(jain(), 0).ok());
  EXPECT_FALSE(solve_closed(jain(), kMostCustomers + 1).ok());
  EXPECT_FALSE(solve_closed({{queue("a", 0)}, 0}, 1).ok());
  EXPECT_FALSE(solve_closed({{queue("a", -1)}, 1}, 1).ok());
  EXPECT_FALSE(solve_closed({{queue("a", NAN)}, 1}, 1).ok());
  EXPECT_FALSE(solve_closed({{queue("a", 1, 0)}, 1}, 1).ok());
  EXPECT_FALSE(solve_closed({{queue("a", 1)}, -1}, 1).ok());
  ClosedNetwork many{std::vector<Station>(kMostSubsets + 1, queue("m", 1, 2)), 0};
  EXPECT_FALSE(solve_closed(many, 1).ok());
  many.stations.pop_back();
  EXPECT_TRUE(solve_closed(many, 5).ok());
  EXPECT_FALSE(marginal_distribution(bolch_delay(), 3, 5).ok());
  EXPECT_FALSE(marginal_distribution(bolch_delay(), 4, 5).ok());
}

}  // namespace
}  // namespace plateau::model
