#include "model/prediction.h"

#include <gtest/gtest.h>

#include <cmath>

#include "service_examples.h"

namespace plateau::model {
namespace {

Prediction predicted(const ServiceModel& model) {
  const auto p = predict(model);
  EXPECT_TRUE(p.ok());
  return p.ok() ? *p : Prediction{};
}

TEST(Prediction, TellsThePlateauOfALock) {
  const Prediction p = predicted(plateau_model());
  EXPECT_NEAR(p.throughput.value, 1 / 330e-6, 0.02 / 330e-6);
  EXPECT_NEAR(p.response, 400 * 330e-6, 0.02 * 400 * 330e-6);
  EXPECT_NEAR(p.p50, 400 * 330e-6, 0.03 * 400 * 330e-6);
  EXPECT_GT(p.p99, p.p50);
  EXPECT_EQ(p.bottleneck, "lock");
  EXPECT_EQ(p.utilisations.front().resource, "lock");
  EXPECT_NEAR(p.utilisations.back().share, 140e-6 / 330e-6 / 2, 0.01);
}

TEST(Prediction, NamesTheLoadWhereNothingIsUsedUp) {
  ServiceModel m = plateau_model();
  m.load.customers = 3;
  m.load.think = 0.01;
  const Prediction p = predicted(m);
  EXPECT_EQ(p.bottleneck, "load");
  EXPECT_LT(p.throughput.value, 300);
}

TEST(Prediction, OneBlockedLoopIsTheBottleneck) {
  ServiceModel m;
  m.centers = {cpu_center(100e-6, 2), wait_center(900e-6)};
  m.workers = Workers{1, false};
  m.load.customers = 50;
  const Prediction p = predicted(m);
  EXPECT_EQ(p.bottleneck, "workers");
  EXPECT_NEAR(p.throughput.value, 1000, 20);
  m.workers = Workers{4, true};
  EXPECT_NEAR(predicted(m).throughput.value, 4000, 100);
  m.workers.reset();
  EXPECT_EQ(predicted(m).bottleneck, "cpu");
  EXPECT_NEAR(predicted(m).throughput.value, 20'000, 400);
}

// All workers wait for the lock: it is what has to go.
TEST(Prediction, NamesTheLockInsideTheBusyWorkers) {
  ServiceModel m = plateau_model();
  m.workers = Workers{8, false};
  EXPECT_EQ(predicted(m).bottleneck, "lock");
}

TEST(Prediction, ASpinningHolderNeedsItsCpuOnce) {
  ServiceModel m;
  m.centers = {cpu_center(1e-3, 2), lock_center(0.9e-3)};
  m.centers[1].on_cpu = 0.9e-3;
  m.load.customers = 1;
  EXPECT_NEAR(predicted(m).response, 1e-3, 0.02e-3);
  m.load.customers = 40;
  EXPECT_EQ(predicted(m).bottleneck, "lock");
  EXPECT_NEAR(predicted(m).throughput.value, 1 / 0.9e-3, 30);
  m.centers[0].servers = 1;
  EXPECT_NEAR(predicted(m).throughput.value, 1000, 20);
}

TEST(Prediction, TheClientsCpuIsSharedButNotWaitedFor) {
  ServiceModel m;
  m.centers = {cpu_center(1e-3, 1)};
  m.load.client_cpu = known(1e-3);
  m.load.customers = 1;
  EXPECT_NEAR(predicted(m).response, 1e-3, 0.03e-3);
  EXPECT_NEAR(predicted(m).throughput.value, 500, 10);
  m.load.customers = 30;
  EXPECT_NEAR(predicted(m).throughput.value, 500, 10);
}

TEST(Prediction, OtherProgramsSlowComputingDown) {
  ServiceModel m;
  m.centers = {cpu_center(1e-3, 2), wait_center(1e-3)};
  m.centers[0].slowdown = 2;
  m.load.customers = 20;
  EXPECT_NEAR(predicted(m).throughput.value, 1000, 20);
  EXPECT_NEAR(*estimate_throughput(m), 1000, 1);
  m.load.customers = 1;
  EXPECT_NEAR(predicted(m).response, 3e-3, 0.1e-3);
}

TEST(Prediction, WorkAfterTheAnswerCostsThroughputOnly) {
  ServiceModel m;
  m.centers = {cpu_center(1e-3, 1)};
  m.centers[0].after_answer = 0.6e-3;
  m.load.customers = 1;
  m.load.think = 1;
  EXPECT_NEAR(predicted(m).response, 0.4e-3, 0.01e-3);
  m.load.customers = 5;
  m.load.think = 0;
  EXPECT_NEAR(predicted(m).throughput.value, 1000, 20);
}

// The thread that sends the answer has its CPU already: who stands in the CPU's queue has not been answered.
TEST(Prediction, NobodyWaitsForACpuToGoOnAfterTheAnswer) {
  for (const bool with_lock : {false, true}) {
    ServiceModel m;
    m.centers = {cpu_center(1e-3, 1)};
    m.centers[0].after_answer = 0.5e-3;
    if (with_lock) m.centers.push_back(lock_center(10e-6));
    m.load.customers = 100;
    const Prediction p = predicted(m);
    EXPECT_NEAR(p.throughput.value, 1000, 20);
    EXPECT_NEAR(p.response, 0.0995, 0.001);
    EXPECT_NEAR(p.p50, 0.0995, 0.003);
  }
}

TEST(Prediction, AnOpenLoadKeepsItsRate) {
  ServiceModel m = plateau_model();
  m.load.rate = 2000;
  const Prediction p = predicted(m);
  EXPECT_TRUE(p.steady);
  EXPECT_EQ(p.throughput.value, 2000);
  // M/M/1 and M/M/2 in a row.
  const double lock = 330e-6 / (1 - 0.66), cpu = 140e-6 / (1 - 0.14 * 0.14);
  EXPECT_NEAR(p.response / (lock + cpu), 1, 0.05);
}

TEST(Prediction, SaysThatARateIsTooHigh) {
  ServiceModel m = plateau_model();
  m.load.rate = 3100;
  const Prediction p = predicted(m);
  EXPECT_FALSE(p.steady);
  EXPECT_EQ(p.bottleneck, "lock");
  EXPECT_NEAR(p.throughput.value, 1 / 330e-6, 1e-6);
}

TEST(Prediction, CarriesTheUncertaintyOfItsDemands) {
  ServiceModel m = plateau_model();
  m.centers[1].demand = {330e-6, 300e-6, 360e-6};
  const Prediction p = predicted(m);
  EXPECT_NEAR(p.throughput.low / p.throughput.value, 330.0 / 360, 0.005);
  EXPECT_NEAR(p.throughput.high / p.throughput.value, 330.0 / 300, 0.005);
  m = plateau_model();
  m.load.client_cpu = {0, 0, 860e-6};
  EXPECT_NEAR(predicted(m).throughput.low, 2000, 60);
  EXPECT_EQ(predicted(m).throughput.high, predicted(m).throughput.value);
}

// The solver's estimate against the simulation, over servers of all kinds.
TEST(Prediction, AgreesWithMeanValueAnalysis) {
  std::vector<ServiceModel> models;
  for (const unsigned customers : {1u, 6u, 60u})
    for (const unsigned workers : {0u, 1u, 4u, 16u})
      for (const unsigned pool : {0u, 3u}) {
        ServiceModel m;
        m.centers = {cpu_center(400e-6, 2), lock_center(150e-6), downstream_center(2e-3, pool),
                     wait_center(100e-6)};
        if (workers) m.workers = Workers{workers, false};
        m.load.customers = customers;
        m.load.think = 1e-3;
        models.push_back(m);
      }
  for (const auto& m : models) {
    const auto estimate = estimate_throughput(m);
    ASSERT_TRUE(estimate.ok());
    EXPECT_NEAR(predicted(m).throughput.value / *estimate, 1, 0.03)
        << m.load.customers << " customers, " << (m.workers ? m.workers->count : 0) << " workers";
  }
}

// Arrival theorem: a request finds j of the other N - 1 at the only queue, so that its response is Erlang of
// j + 1 stages. The distribution that follows is exact.
double repair_quantile(double service, double think, unsigned customers, double p) {
  const auto found =
      *marginal_distribution({{{"q", StationKind::queueing, service}}, think}, 0, customers - 1);
  const auto beyond = [&](double t) {
    double sum = 0, stages = 0, term = std::exp(-t / service);
    for (std::size_t j = 0; j < found.size(); j++) {
      stages += term;
      term *= t / service / static_cast<double>(j + 1);
      sum += found[j] * stages;
    }
    return sum;
  };
  double low = 0, high = 100 * service * customers;
  while (high - low > 1e-9 * service) (beyond((low + high) / 2) > 1 - p ? low : high) = (low + high) / 2;
  return low;
}

TEST(Prediction, KnowsTheExactPercentilesOfOneQueue) {
  for (const unsigned customers : {1u, 4u, 12u, 30u}) {
    ServiceModel m;
    m.centers = {cpu_center(1e-3, 1)};
    m.load.customers = customers;
    m.load.think = 10e-3;
    const Prediction p = predicted(m);
    EXPECT_NEAR(p.p50 / repair_quantile(1e-3, 10e-3, customers, 0.5), 1, 0.03) << customers;
    EXPECT_NEAR(p.p99 / repair_quantile(1e-3, 10e-3, customers, 0.99), 1, 0.05) << customers;
  }
}

TEST(Prediction, NeverExceedsTheCeiling) {
  for (const unsigned customers : {1u, 2u, 8u, 64u}) {
    ServiceModel m = plateau_model();
    m.load.customers = customers;
    EXPECT_LE(predicted(m).throughput.value, ceiling_of(m) * 1.02);
    EXPECT_LE(*estimate_throughput(m), ceiling_of(m) * (1 + 1e-12));
  }
  EXPECT_NEAR(ceiling_of(plateau_model()), 1 / 330e-6, 1e-6);
}

TEST(Prediction, RefusesAnEmptyModel) {
  EXPECT_FALSE(predict(ServiceModel{}).ok());
}

}  // namespace
}  // namespace plateau::model
