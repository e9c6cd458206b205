#include "model/simulation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/mean_value_analysis.h"
#include "model/open_network.h"
#include "model/random_stream.h"
#include "network_examples.h"

namespace plateau::model {
namespace {

// Each station visited once, by exponential service.
SimulationPlan plan_of(const std::vector<Station>& stations) {
  SimulationPlan plan;
  for (const Station& s : stations) {
    if (s.kind == StationKind::delay) {
      plan.request.push_back({Step::Kind::hold, 0, s.demand, 1});
      continue;
    }
    const std::size_t pool = plan.pools.size();
    plan.pools.push_back({s.name, s.servers});
    plan.request.push_back({Step::Kind::seize, pool});
    plan.request.push_back({Step::Kind::hold, 0, s.demand, 1});
    plan.request.push_back({Step::Kind::release, pool});
  }
  return plan;
}

SimulationPlan closed_plan(const ClosedNetwork& network, unsigned customers) {
  SimulationPlan plan = plan_of(network.stations);
  plan.customers = customers;
  plan.think = network.think;
  return plan;
}

SimulationPlan one_queue(double rate, double mean, double scv, unsigned servers = 1) {
  SimulationPlan plan = plan_of({queue("q", mean, servers)});
  plan.request[1].scv = scv;
  plan.rate = rate;
  return plan;
}

TEST(RandomStream, HasTheMomentsAskedFor) {
  for (const double scv : {0.0, 0.02, 0.1, 0.35, 0.5, 0.8, 1.0, 2.0, 9.0}) {
    RandomStream random(5);
    constexpr int kDraws = 400'009;
    double sum = 0, squares = 0;
    for (int i = 0; i < kDraws; i++) {
      const double x = random.duration(3, scv);
      ASSERT_GE(x, 0);
      sum += x;
      squares += x * x;
    }
    const double m = sum / kDraws;
    EXPECT_NEAR(m, 3, 0.01 + 0.02 * scv) << scv;
    EXPECT_NEAR(squares / kDraws / (m * m) - 1, scv, 0.002 + 0.03 * scv) << scv;
  }
}

// The published multi-server and central-server networks, and one with everything.
TEST(Simulation, AgreesWithTheExactSolution) {
  const ClosedNetwork mixed{
      {queue("cpu", 0.01, 2), queue("lock", 0.004), queue("pool", 0.03, 8), delay("disk", 0.02)}, 0.05};
  for (const auto& [network, n] : std::vector<std::pair<ClosedNetwork, unsigned>>{{jain(), 20},
                                                                                  {bolch_delay(), 3},
                                                                                  {bolch_multi_server(), 3},
                                                                                  {mixed, 5},
                                                                                  {mixed, 23},
                                                                                  {mixed, 60}}) {
    const auto exact = solve_closed(network, n);
    const auto s = simulate(closed_plan(network, n));
    ASSERT_TRUE(exact.ok() && s.ok());
    EXPECT_NEAR(s->throughput, exact->back().throughput, 1.5 * s->throughput_error + 1e-9);
    EXPECT_NEAR(s->response, exact->back().response, 1.5 * s->response_error + 1e-9);
    EXPECT_LT(s->throughput_error / s->throughput, 0.02);
    for (std::size_t i = 0; i < s->pools.size(); i++)
      EXPECT_NEAR(s->pools[i].utilisation, exact->back().stations[i].utilisation, 0.01);
  }
}

TEST(Simulation, AgreesWithTheOpenSolution) {
  const std::vector<Station> stations{queue("a", 0.05), queue("b", 0.2, 4), delay("c", 0.3)};
  SimulationPlan plan = plan_of(stations);
  plan.rate = 12;
  const auto s = simulate(plan);
  const auto exact = solve_open(stations, 12);
  ASSERT_TRUE(s.ok() && s->steady);
  EXPECT_NEAR(s->response, (*exact)->response, 1.5 * s->response_error);
  EXPECT_NEAR(s->throughput, 12, 1.5 * s->throughput_error);
}

// The response of an M/M/1 queue is exponential, of mean S/(1-u).
TEST(Simulation, KnowsThePercentilesOfASingleQueue) {
  const auto s = simulate(one_queue(7, 0.1, 1));
  ASSERT_TRUE(s.ok());
  const double response = 0.1 / 0.3;
  EXPECT_NEAR(s->p50 / (response * std::log(2.0)), 1, 0.04);
  EXPECT_NEAR(s->p99 / (response * std::log(100.0)), 1, 0.08);
}

// Pollaczek and Khinchine: W = u S (1 + scv) / (2 (1 - u)).
TEST(Simulation, MatchesPollaczekAndKhinchine) {
  for (const double scv : {0.0, 0.3, 1.0, 4.0}) {
    const auto s = simulate(one_queue(6, 0.1, scv), {7, 20'000, 400'000});
    ASSERT_TRUE(s.ok());
    const double expected = 0.1 + 0.6 * 0.1 * (1 + scv) / 0.8;
    EXPECT_NEAR(s->response / expected, 1, 0.02 + 0.01 * scv) << scv;
    EXPECT_NEAR(s->pools[0].utilisation, 0.6, 0.01);
    EXPECT_NEAR(s->pools[0].queue, 6 * (expected - 0.1), 6 * (expected - 0.1) * (0.04 + 0.02 * scv));
  }
}

// A thread is held while the lock inside it is waited for: two threads cannot use more than two of five
// units.
TEST(Simulation, HoldsOnePoolWhileItWaitsForAnother) {
  SimulationPlan plan;
  plan.pools = {{"threads", 2}, {"connections", 5}};
  plan.request = {{Step::Kind::seize, 0},
                  {Step::Kind::seize, 1},
                  {Step::Kind::hold, 0, 0.01, 0},
                  {Step::Kind::release, 1},
                  {Step::Kind::release, 0}};
  plan.customers = 11;
  const auto s = simulate(plan);
  ASSERT_TRUE(s.ok());
  EXPECT_NEAR(s->throughput, 200, 0.2);
  EXPECT_NEAR(s->pools[0].utilisation, 1, 1e-3);
  EXPECT_NEAR(s->pools[1].utilisation, 0.4, 1e-3);
}

// Two kinds of visits to one server, one of them before all others (Cobham 1954: two classes of an M/M/1
// queue, without interruption: W1 = R / (1 - r1), W2 = R / ((1 - r1)(1 - r)), R = the work in service).
TEST(Simulation, ThePreferredAreServedFirst) {
  SimulationPlan plan;
  plan.pools = {{"q"}};
  for (const bool first : {false, true}) {
    plan.request.push_back({Step::Kind::seize, 0, 0, 1, first});
    plan.request.push_back({Step::Kind::hold, 0, 0.001, 1});
    plan.request.push_back({Step::Kind::release, 0});
    plan.request.push_back(
        {Step::Kind::hold, 0, 5, 1});  // so that the two visits have nothing to do with each other
  }
  plan.rate = 400;
  const auto result = simulate(plan, {1, 20'000, 400'000});
  ASSERT_TRUE(result.ok());
  const double in_service = 0.8 * 0.001, preferred = in_service / (1 - 0.4), other = preferred / (1 - 0.8);
  EXPECT_NEAR(result->pools[0].queue, 400 * (preferred + other), 0.1);
  EXPECT_NEAR(result->response, 10 + 0.002 + preferred + other, 0.03);
}

TEST(Simulation, APinnedCustomerDoesNotChangeLanes) {
  SimulationPlan plan;
  plan.pools = {{"loops", 1, 2, LaneChoice::by_customer}};
  plan.request = {{Step::Kind::seize, 0}, {Step::Kind::hold, 0, 0.01, 0}, {Step::Kind::release, 0}};
  plan.customers = 3;  // two share a loop, one has its own
  const auto s = simulate(plan);
  ASSERT_TRUE(s.ok());
  EXPECT_NEAR(s->throughput, 200, 0.2);
  EXPECT_NEAR(s->p50, 0.01, 1e-9);
  EXPECT_NEAR(s->p99, 0.02, 1e-9);
}

TEST(Simulation, WhatTheClientDoesIsNotTheResponse) {
  SimulationPlan plan;
  plan.pools = {{"cpu", 1}};
  plan.request = {{Step::Kind::hold, 0, 0.01, 0}};
  plan.between = {{Step::Kind::seize, 0}, {Step::Kind::hold, 0, 0.03, 0}, {Step::Kind::release, 0}};
  plan.customers = 1;
  const auto s = simulate(plan);
  ASSERT_TRUE(s.ok());
  EXPECT_NEAR(s->response, 0.01, 1e-9);
  EXPECT_NEAR(s->throughput, 25, 0.05);
}

TEST(Simulation, SaysThatThereIsNoSteadyState) {
  const auto s = simulate(one_queue(20, 0.1, 1), {1, 10'000, 1'000'000, 20'000});
  ASSERT_TRUE(s.ok());
  EXPECT_FALSE(s->steady);
}

TEST(Simulation, IsTheSameEveryTime) {
  const auto plan = closed_plan(jain(), 7);
  const auto a = simulate(plan, {3, 1'000, 10'007}), b = simulate(plan, {3, 1'000, 10'007});
  const auto c = simulate(plan, {4, 1'000, 10'007});
  EXPECT_EQ(a->response, b->response);
  EXPECT_EQ(a->p99, b->p99);
  EXPECT_NE(a->response, c->response);
}

TEST(Simulation, RefusesPlansThatMakeNoSense) {
  const auto good = closed_plan(jain(), 2);
  const auto refused = [](SimulationPlan plan) { return !simulate(plan, {1, 10, 100}).ok(); };
  EXPECT_FALSE(refused(good));
  SimulationPlan plan = good;
  plan.customers = 0;
  EXPECT_TRUE(refused(plan));
  plan = good;
  plan.customers = kMostCustomers + 1;
  EXPECT_TRUE(refused(plan));
  plan = good;
  plan.request.pop_back();
  EXPECT_TRUE(refused(plan));
  plan = good;
  plan.request[0].pool = 9;
  EXPECT_TRUE(refused(plan));
  plan = good;
  plan.request[1].mean = NAN;
  EXPECT_TRUE(refused(plan));
  plan = good;
  plan.pools[0].lanes = 0;
  EXPECT_TRUE(refused(plan));
  plan = good;
  plan.think = 0;
  for (Step& step : plan.request) step.mean = 0;
  EXPECT_TRUE(refused(plan));
  EXPECT_FALSE(simulate(good, {1, 10, 10}).ok());
}

}  // namespace
}  // namespace plateau::model
