#include "model/fix.h"

#include <gtest/gtest.h>

#include "model/prediction.h"
#include "service_examples.h"

namespace plateau::model {
namespace {

TEST(Fix, ShortensALockAndWhatItComputes) {
  ServiceModel m = plateau_model();
  m.centers[1].on_cpu = 100e-6;
  const auto after = apply(m, {FixKind::shorten_lock, "lock", 0.25});
  ASSERT_TRUE(after.ok());
  EXPECT_NEAR(after->centers[1].demand.value, 82.5e-6, 1e-12);
  EXPECT_NEAR(after->centers[1].on_cpu, 25e-6, 1e-12);
  EXPECT_NEAR(after->cpu()->demand.value, 65e-6, 1e-12);
  EXPECT_NEAR(m.centers[1].demand.value, 330e-6, 1e-12);
}

// On one CPU that is then two thirds busy: a holder that waited for it each time would lose an eighth.
TEST(Fix, WhatASleepingHolderWaitsForACpuIsInTheTimeThatALockIsHeld) {
  ServiceModel m = plateau_model();
  m.centers[0] = cpu_center(62e-6, 1);
  m.centers[1] = lock_center(262e-6);
  m.centers[1].on_cpu = 16e-6;
  const auto after = apply(m, {FixKind::shorten_lock, "lock", 0.25});
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->centers[1].on_cpu, 0);
  EXPECT_NEAR(after->cpu()->demand.value, 50e-6, 1e-12);
  EXPECT_NEAR(predict(*after)->throughput.value, 1 / 65.5e-6, 300);
}

TEST(Fix, SplitsALock) {
  EXPECT_EQ(apply(plateau_model(), {FixKind::shard_lock, "lock", 0.5, 8})->find("lock")->ways, 8u);
}

TEST(Fix, ChangesCounts) {
  ServiceModel m = plateau_model();
  m.workers = Workers{1, false};
  m.centers.push_back(downstream_center(1e-3, 4));
  EXPECT_EQ(apply(m, {FixKind::add_workers, {}, 0.5, 4})->workers->count, 4u);
  EXPECT_EQ(apply(m, {FixKind::enlarge_downstream, "downstream", 0.5, 9})->find("downstream")->servers, 9u);
  EXPECT_EQ(apply(m, {FixKind::add_cpus, {}, 0.5, 16})->cpu()->servers, 16u);
}

TEST(Fix, SavesTheCopyInLocksToo) {
  ServiceModel m = plateau_model();
  m.cpu()->parts = {{CpuCost::copy, 70e-6}};
  m.centers[1].on_cpu = 80e-6;
  const auto after = apply(m, {FixKind::avoid_copy});
  ASSERT_TRUE(after.ok());
  EXPECT_NEAR(after->cpu()->demand.value, 70e-6, 1e-12);
  EXPECT_NEAR(after->centers[1].on_cpu, 40e-6, 1e-12);
  EXPECT_NEAR(after->centers[1].demand.value, 290e-6, 1e-12);
  EXPECT_FALSE(apply(*after, {FixKind::avoid_copy}).ok()) << "it is gone";
}

TEST(Fix, PoolingSavesAllocationAndFaults) {
  ServiceModel m = plateau_model();
  m.cpu()->parts = {{CpuCost::allocation, 35e-6}};
  m.centers.push_back(wait_center(20e-6, "page_fault"));
  const auto after = apply(m, {FixKind::pool_objects});
  ASSERT_TRUE(after.ok());
  EXPECT_NEAR(after->cpu()->demand.value, 105e-6, 1e-12);
  EXPECT_EQ(after->find("page_fault")->demand.value, 0);
}

TEST(Fix, CopiesAreMadeBeforeTheAnswerIsOut) {
  ServiceModel m = plateau_model();
  m.cpu()->after_answer = 60e-6;
  m.cpu()->parts = {{CpuCost::copy, 200e-6}};
  const auto after = apply(m, {FixKind::avoid_copy});
  EXPECT_NEAR(after->cpu()->demand.value, 60e-6, 1e-12);
  EXPECT_NEAR(after->cpu()->after_answer, 60e-6, 1e-12);
}

TEST(Fix, WhatIsAllocatedIsFreedAfterTheAnswerToo) {
  ServiceModel m = plateau_model();  // 140 us a request
  m.cpu()->after_answer = 35e-6;
  m.cpu()->parts = {{CpuCost::allocation, 40e-6}};
  const auto after = apply(m, {FixKind::pool_objects});
  EXPECT_NEAR(after->cpu()->demand.value, 100e-6, 1e-12);
  EXPECT_NEAR(after->cpu()->after_answer, 25e-6, 1e-12);
}

TEST(Fix, ConnectionsAreOpenedAndClosedBetweenRequests) {
  ServiceModel m = plateau_model();
  m.cpu()->after_answer = 60e-6;
  m.cpu()->parts = {{CpuCost::handshake, 50e-6}};
  m.centers.push_back(wait_center(20e-6, "accept_wait"));
  const auto kept = apply(m, {FixKind::keep_alive});
  EXPECT_NEAR(kept->cpu()->demand.value, 90e-6, 1e-12);
  EXPECT_NEAR(kept->cpu()->after_answer, 10e-6, 1e-12);
  EXPECT_EQ(kept->find("accept_wait")->demand.value, 0);
  m.cpu()->parts = {{CpuCost::handshake, 100e-6}};  // and 40 us of it in the request, as TLS is
  EXPECT_NEAR(apply(m, {FixKind::keep_alive})->cpu()->demand.value, 40e-6, 1e-12);
  EXPECT_NEAR(apply(m, {FixKind::keep_alive})->cpu()->after_answer, 0, 1e-12);
}

TEST(Fix, WhatIsKnownToCostNothingIsNoUnknown) {
  ServiceModel m = plateau_model();
  m.centers.push_back(wait_center(20e-6, "page_fault"));  // far less than it computes
  EXPECT_TRUE(unknown_saving(m, {FixKind::pool_objects}));
  m.cpu()->parts = {{CpuCost::allocation, 0}};
  EXPECT_FALSE(unknown_saving(m, {FixKind::pool_objects}));
  EXPECT_EQ(apply(m, {FixKind::pool_objects})->cpu()->demand.value, m.cpu()->demand.value);
}

TEST(Fix, SaysWhatIsMissing) {
  const ServiceModel m = plateau_model();
  const auto refused = [&](const Fix& fix, const char* word) {
    const auto after = apply(m, fix);
    return !after.ok() && after.error().message.find(word) != std::string::npos;
  };
  EXPECT_TRUE(refused({FixKind::avoid_copy}, "--detail high"));
  EXPECT_TRUE(refused({FixKind::pool_objects}, "profile"));
  EXPECT_TRUE(refused({FixKind::keep_alive}, "profile"));
  EXPECT_TRUE(refused({FixKind::add_workers, {}, 0.5, 4}, "thread of its own"));
  EXPECT_TRUE(refused({FixKind::shorten_lock, "cpu"}, "no resource 'cpu'"));
  EXPECT_TRUE(refused({FixKind::shorten_lock, "lock", 1.5}, "0 to 1"));
  EXPECT_TRUE(refused({FixKind::shard_lock, "lock", 0.5, 1}, "two"));
  EXPECT_TRUE(refused({FixKind::enlarge_downstream, "downstream", 0.5, 3}, "downstream"));
  EXPECT_TRUE(refused({FixKind::add_cpus, {}, 0.5, 0}, "CPU"));
  EXPECT_FALSE(apply(ServiceModel{}, {FixKind::add_cpus, {}, 0.5, 4}).ok());
}

TEST(Fix, IsToldInWords) {
  EXPECT_EQ(describe({FixKind::shorten_lock, "lock a"}), "hold lock a for half as long");
  EXPECT_EQ(describe({FixKind::shorten_lock, "lock a", 0.25}), "hold lock a for 25 % of the time");
  EXPECT_EQ(describe({FixKind::shard_lock, "lock a", 0.5, 8}), "split lock a into 8");
  EXPECT_EQ(describe({FixKind::add_workers, {}, 0.5, 4}), "run 4 workers");
  EXPECT_EQ(describe({FixKind::enlarge_downstream, "db", 0.5, 20}), "open 20 connections to db");
  EXPECT_EQ(describe({FixKind::add_cpus, {}, 0.5, 4}), "run on 4 CPUs");
}

TEST(Fix, TheUsualOnesFitTheModel) {
  ServiceModel m = plateau_model();
  m.workers = Workers{2, false};
  m.centers.push_back(downstream_center(1e-3, 4));
  m.cpu()->parts = {{CpuCost::copy, 1e-6}, {CpuCost::allocation, 1e-6}, {CpuCost::handshake, 1e-6}};
  const auto fixes = usual_fixes(m);
  EXPECT_EQ(fixes.size(), 8u);
  for (const Fix& fix : fixes) EXPECT_TRUE(apply(m, fix).ok()) << describe(fix);
}

}  // namespace
}  // namespace plateau::model
