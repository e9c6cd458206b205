#include "model/what_if.h"

#include <gtest/gtest.h>

#include "model/variability.h"
#include "service_examples.h"

namespace plateau::model {
namespace {

TEST(WhatIf, FollowsTheBottleneckFromFixToFix) {
  ServiceModel m = plateau_model();
  const auto table = what_if(m, {{FixKind::shorten_lock, "lock"},
                                 {FixKind::shard_lock, "lock", 0.5, 32},
                                 {FixKind::add_cpus, {}, 0.5, 8},
                                 {FixKind::keep_alive}});
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->today.bottleneck, "lock");
  const auto& half = table->outcomes[0];
  ASSERT_TRUE(half.prediction);
  EXPECT_NEAR(half.gain, 1, 0.04);
  EXPECT_EQ(half.prediction->bottleneck, "lock");
  const auto& split = table->outcomes[1];
  ASSERT_TRUE(split.prediction);
  EXPECT_NEAR(split.prediction->throughput.value, 2 / 140e-6, 0.03 * 2 / 140e-6);
  EXPECT_EQ(split.prediction->bottleneck, "cpu");
  EXPECT_EQ(split.evidence, (std::vector<std::string>{"lock: hand-overs", "cpu: CPU time"}));
  const auto& cpus = table->outcomes[2];
  ASSERT_TRUE(cpus.prediction);
  EXPECT_NEAR(cpus.gain, 0, 0.03) << "more CPUs do not help";
  EXPECT_EQ(cpus.evidence.size(), 1u);
  EXPECT_FALSE(table->outcomes[3].prediction);
  EXPECT_NE(table->outcomes[3].missing.find("take a CPU profile"), std::string::npos);
}

TEST(WhatIf, ComparesTodaysPredictionWithWhatWasSeen) {
  ServiceModel m = plateau_model();
  EXPECT_FALSE(what_if(m, {})->throughput_error);
  m.observed = {1 / 330e-6 / 1.1, 0.13, 400 * 330e-6, 0.14};
  const auto table = what_if(m, {});
  ASSERT_TRUE(table->throughput_error && table->p50_error);
  EXPECT_NEAR(*table->throughput_error, 0.1, 0.02);
  EXPECT_NEAR(*table->p50_error, 0, 0.03);
}

// Some requests are late for reasons of their own: the mean is as the model has it, the median is not.
TEST(WhatIf, TakesTodaysSkewForTomorrows) {
  ServiceModel m;
  m.centers = {cpu_center(100e-6, 1)};
  m.load.customers = 16;
  m.observed = {10'000, 1.6e-3, 1.28e-3, 9e-3};
  const auto table = what_if(m, {{FixKind::add_cpus, {}, 0.5, 2}});
  ASSERT_TRUE(table.ok());
  EXPECT_GT(*table->p50_error, 0.15);
  EXPECT_TRUE(is_skewed(*table));
  EXPECT_NEAR(table->today.p50, 1.28e-3, 1e-6);
  EXPECT_NEAR(table->p50_scale, 0.8, 0.02);
  EXPECT_NEAR(table->outcomes[0].prediction->p50, 0.64e-3, 0.03e-3);
  m.observed.response = 1.28e-3;  // then it is the model that is wrong
  EXPECT_FALSE(is_skewed(*what_if(m, {})));
  EXPECT_EQ(what_if(m, {})->p50_scale, 1);
  EXPECT_TRUE(what_if(m, {})->today.tells_latency);
  m.observed = {10'000, 1.6e-3, 1e-3, 9e-3};
  EXPECT_FALSE(is_skewed(*what_if(m, {}))) << "too much to be told by disturbances";
  EXPECT_FALSE(what_if(m, {})->today.tells_latency);
}

// What it takes to look is in what was seen, and in nothing that is foretold.
TEST(WhatIf, LeavesPlateausOwnCostOut) {
  ServiceModel m;
  m.centers = {cpu_center(100e-6, 1)};
  m.cpu()->parts = {{CpuCost::probes, 10e-6}};
  m.load.customers = 8;
  m.observed = {10'000, 800e-6, 800e-6, 2e-3};
  const auto table = what_if(m, {{FixKind::add_cpus, {}, 0.5, 2}});
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->probes, 10e-6);
  EXPECT_LT(*table->throughput_error, 0.01);
  EXPECT_NEAR(table->today.throughput.value, 1 / 90e-6, 0.01 / 90e-6);
  EXPECT_NEAR(table->outcomes[0].prediction->throughput.value, 2 / 90e-6, 0.02 / 90e-6);
  m.cpu()->parts.clear();
  EXPECT_NEAR(what_if(m, {})->today.throughput.value, 10'000, 100);
}

TEST(WhatIf, FailsWhereTodayCannotBeSolved) {
  EXPECT_FALSE(what_if(ServiceModel{}, {}).ok());
}

ServiceModel idle_server(double scv) {
  ServiceModel m = plateau_model();
  m.load.customers = 4;
  m.load.think = 0.01;
  for (auto& center : m.centers) center.scv = scv;
  const auto seen = predict(m);
  m.observed = {seen->throughput.value, seen->response, seen->p50, seen->p99};
  return m;
}

TEST(Variability, IsFoundFromThePercentiles) {
  for (const double scv : {0.0, 0.15, 1.0, 4.0}) {
    ServiceModel m = idle_server(scv);
    for (auto& center : m.centers) center.scv = 0.7;
    const auto found = fit_variability(m);
    ASSERT_TRUE(found.ok());
    EXPECT_TRUE(*found);
    EXPECT_EQ(m.centers[0].scv, scv);
  }
}

TEST(Variability, IsHiddenByAQueue) {
  ServiceModel m = plateau_model();
  m.observed = {3000, 0.13, 0.13, 0.5};
  m.centers[1].scv = 0.3;
  EXPECT_FALSE(*fit_variability(m));
  EXPECT_EQ(m.centers[1].scv, 0.3);
}

TEST(Variability, NeedsPercentiles) {
  ServiceModel m = plateau_model();
  EXPECT_FALSE(fit_variability(m).ok());
}

}  // namespace
}  // namespace plateau::model
