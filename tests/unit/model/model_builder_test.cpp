#include "model/model_builder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "capture_examples.h"
#include "model/what_if.h"

namespace plateau::model {
namespace {

using namespace examples;
using attribution::Stage;
using attribution::Summary;
using attribution::ThreadStats;

BuiltModel built(const Summary& summary, const Supplement& supplement = {}) {
  auto model = build_model(summary, supplement);
  EXPECT_TRUE(model.ok());
  return model.ok() ? *model : BuiltModel{};
}

bool mentions(const std::vector<Unknown>& unknowns, const std::string& word) {
  for (const auto& u : unknowns)
    if ((u.what + u.assumed + u.experiment).find(word) != std::string::npos) return true;
  return false;
}

TEST(ModelBuilder, FindsThePlateau) {
  const auto [model, checks] = built(plateau());
  const ServiceCenter* lock = model.find("lock 0x1000");
  ASSERT_TRUE(lock);
  EXPECT_NEAR(lock->demand.value, 330e-6, 5e-6);
  EXPECT_LE(lock->demand.low, lock->demand.value);
  EXPECT_GE(lock->demand.high, lock->demand.value);
  EXPECT_NE(lock->evidence.find("held by handle"), std::string::npos);
  EXPECT_NEAR(model.cpu()->demand.value, 140e-6, 1e-9);
  EXPECT_EQ(model.cpu()->servers, 2u);
  EXPECT_EQ(model.load.customers, 396u);  // 3,001/s x 132 ms
  EXPECT_NEAR(model.load.think, 0, 1e-3);
  EXPECT_FALSE(model.workers);
  for (const auto& check : checks) EXPECT_TRUE(check.holds) << check.law;
  const auto table = what_if(model, usual_fixes(model));
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->today.bottleneck, "lock 0x1000");
  EXPECT_LT(*table->throughput_error, 0.03);
  EXPECT_LT(*table->p50_error, 0.03);
  EXPECT_NEAR(table->outcomes[0].gain, 1, 0.05);
}

// The holder's sleep and computing are in the lock's demand and must not be counted again.
TEST(ModelBuilder, CountsNothingTwice) {
  const auto by_default = built(plateau()).model;
  const auto response = [](const ServiceModel& m) {
    double sum = m.cpu()->demand.value;
    for (const auto& c : m.centers)
      if (c.role == Role::wait)
        sum += c.demand.value;
      else if (c.role == Role::lock)
        sum += c.demand.value - c.on_cpu;
    return sum;
  };
  EXPECT_NEAR(response(by_default), 500e-6, 10e-6);  // 140 computed, 330 asleep, 30 unattributed
  EXPECT_NEAR(by_default.find("lock 0x1000")->on_cpu, 0, 5e-6);
  Supplement detail;
  detail.locks = {{0x1000, 5, 1.0, 0.3}};
  const auto told = built(plateau(), detail).model;
  EXPECT_NEAR(response(told), 500e-6, 10e-6);
  EXPECT_NEAR(told.find("lock 0x1000")->on_cpu, 99e-6, 1e-9);
  EXPECT_NEAR(told.find("sleep")->demand.value, 99e-6, 5e-6);
  EXPECT_TRUE(mentions(by_default.unknowns, "holders"));
  EXPECT_FALSE(mentions(told.unknowns, "holders"));
}

TEST(ModelBuilder, AHolderThatDoesNotSleepComputes) {
  Summary s = capture(132'000'000, 500'000);
  s.locks = {mutex(0.99)};
  spend(s, Stage::lock_user, 131'500'000);
  s.locks[0].owed_wait_ns = kRequests * 131'500'000;
  const auto model = built(s).model;
  EXPECT_NEAR(model.find("lock 0x1000")->on_cpu, 330e-6, 5e-6);
}

TEST(ModelBuilder, TakesTheLoadAsToldOrAsSmallAsPossible) {
  Supplement supplement;
  supplement.connections = 500;
  const auto told = built(plateau(), supplement).model;
  EXPECT_EQ(told.load.customers, 500u);
  EXPECT_NEAR(told.load.think, 500 / 3001.1 - 0.132, 1e-6);
  EXPECT_FALSE(mentions(told.unknowns, "clients"));
  const auto idle = built(capture(200'000, 140'000)).model;
  EXPECT_EQ(idle.load.customers, 1u);
  EXPECT_NEAR(idle.load.think, 1 / 3001.1 - 200e-6, 1e-9);
  EXPECT_TRUE(mentions(idle.unknowns, "clients"));
  supplement.arrival_rate = 3001;
  EXPECT_EQ(*built(plateau(), supplement).model.load.rate, 3001);
}

TEST(ModelBuilder, LeavesOpenWhoseTheOtherCpuTimeIs) {
  Summary s = capture(200'000, 140'000);
  s.facts.machine_busy += 6.0 / 20;  // another 6 s
  const auto open = built(s).model;
  EXPECT_EQ(open.load.client_cpu.value, 0);
  EXPECT_NEAR(open.load.client_cpu.high, 6.0 / kRequests, 1e-9);
  EXPECT_TRUE(mentions(open.unknowns, "another machine"));
  Supplement told;
  told.client_cpu = 50e-6;
  EXPECT_EQ(built(s, told).model.load.client_cpu.high, 50e-6);
  EXPECT_NEAR(built(s, told).model.load.think, 1 / 3001.1 - 250e-6, 1e-9);
  Supplement apart;
  apart.cpus = 1;
  EXPECT_EQ(built(s, apart).model.load.client_cpu.high, 0);
  EXPECT_EQ(built(s, apart).model.cpu()->servers, 1u);
}

TEST(ModelBuilder, OthersCannotHaveUsedWhatTheServerUsedOfItsCpus) {
  Summary s = capture(5'000'000, 300'000);  // nine tenths of one CPU
  spend(s, Stage::runqueue, 4'500'000);
  s.facts.machine_busy = 0.98;
  EXPECT_NEAR(built(s).model.load.client_cpu.value, 0.98 * 20 / kRequests - 300e-6, 1e-6);
  s.facts.allowed_cpus = 1;
  EXPECT_EQ(built(s).model.load.client_cpu.value, 0) << "the load has the other CPU";
  EXPECT_NEAR(built(s).model.load.client_cpu.high, 10.0 / kRequests - 300e-6, 1e-6);
}

// A busy machine, on which the server got half of two CPUs.
TEST(ModelBuilder, ExplainsABusyMachine) {
  Summary s = capture(2'500'000, 333'000);
  spend(s, Stage::wakeup, 900'000);
  spend(s, Stage::runqueue, 1'200'000);
  s.facts.machine_busy = 1;
  const auto proportional = built(s).model;
  EXPECT_NEAR(proportional.load.client_cpu.value, 333e-6, 1e-6);
  EXPECT_EQ(proportional.cpu()->slowdown, 1);
  EXPECT_FALSE(proportional.find("wakeup")) << "a queue for CPUs, not a demand";
  Supplement told;
  told.client_cpu = 17e-6;
  told.connections = 8;
  const auto background = built(s, told).model;
  EXPECT_NEAR(background.cpu()->slowdown, 666.0 / 350, 0.01);
  EXPECT_NEAR(predict(background)->throughput.value, 3001, 90);
  s.facts.machine_busy = 0.6;
  EXPECT_EQ(built(s, told).model.cpu()->slowdown, 1);
  s.facts.machine_busy = 1;
  spend(s, Stage::runqueue, 100'000);
  EXPECT_EQ(built(s, told).model.cpu()->slowdown, 1) << "others use what the server leaves";
}

TEST(ModelBuilder, ALoopIsAWorker) {
  Summary s = capture(3'000'000, 300'000);
  spend(s, Stage::busy_loop, 2'700'000);
  ThreadStats loop;
  loop.tid = 7;
  loop.answered = kRequests;
  loop.elapsed_ns = 10 * kSecond;
  loop.idle_ns = kSecond;
  s.threads = {loop};
  const auto [model, checks] = built(s);
  ASSERT_TRUE(model.workers);
  EXPECT_EQ(model.workers->count, 1u);
  EXPECT_FALSE(model.find("busy_loop"));
  ASSERT_EQ(checks.size(), 1u);
  EXPECT_TRUE(checks[0].holds) << checks[0].expected << " " << checks[0].measured;
  EXPECT_EQ(predict(model)->bottleneck, "workers");
  s.threads[0].idle_ns = 5 * kSecond;
  EXPECT_FALSE(built(s).checks[0].holds) << "its clocks contradict the budgets";
}

TEST(ModelBuilder, InfersAPoolFromWaitsThatAreSignalled) {
  Summary s = capture(20'000'000, 100'000);
  spend(s, Stage::downstream, 3'332'000);  // x 3,001/s: ten at a time
  spend(s, Stage::lock_user, 16'000'000);
  attribution::LockStats condition = mutex(0.9);
  condition.service_ns = 0;
  s.locks = {condition};
  const auto model = built(s).model;
  EXPECT_EQ(model.find("downstream")->servers, 10u);
  EXPECT_FALSE(model.find("signalled"));
  EXPECT_TRUE(mentions(model.unknowns, "downstream connections"));
  Supplement told;
  told.downstream_pool = 12;
  EXPECT_EQ(built(s, told).model.find("downstream")->servers, 12u);
  spend(s, Stage::lock_user, 0);
  EXPECT_EQ(built(s).model.find("downstream")->servers, 0u);
}

TEST(ModelBuilder, TakesALockThatIsHeldForAnotherServersAnswerForAPool) {
  Summary s = capture(20'000'000, 100'000);
  spend(s, Stage::downstream, 3'332'000);  // x 3,001/s: ten at a time
  spend(s, Stage::lock_user, 16'000'000);
  s.locks = {mutex(0.99)};
  s.locks[0].owed_wait_ns = kRequests * 16'000'000;
  s.locks[0].service_ns = 333'000;
  s.locks[0].handovers = s.total.count;
  const auto model = built(s).model;
  EXPECT_EQ(model.find("downstream")->servers, 10u);
  EXPECT_TRUE(std::ranges::none_of(model.centers, [](const auto& c) { return c.role == Role::lock; }));
  spend(s, Stage::downstream, 300'000);  // too short to be what the lock is held for
  const auto plain = built(s).model;
  EXPECT_EQ(plain.find("downstream")->servers, 0u);
  EXPECT_TRUE(std::ranges::any_of(plain.centers, [](const auto& c) { return c.role == Role::lock; }));
}

// glibc's condition variable hands over by two futexes in turn; a place is in use for longer than the other
// server's answer takes, for the thread that is woken with it comes late.
TEST(ModelBuilder, KnowsAPoolByItsSignalsAndItsConnections) {
  Summary s = capture(20'000'000, 100'000);
  spend(s, Stage::downstream, 2'900'000);  // x 3,001/s: 8.7 at a time
  spend(s, Stage::lock_user, 16'000'000);
  spend(s, Stage::runqueue, 900'000);
  s.locks = {mutex(0.97), mutex(0.95)};
  s.locks[1].futex += 4;
  for (auto& lock : s.locks) {
    lock.owed_wait_ns = kRequests * 8'000'000;
    lock.service_ns = 3'100'000;
    lock.handovers = s.total.count / 2;
    lock.holders[0].weight = 7;
    lock.holders[0].frames = {"pthread_cond_signal@@GLIBC_2.3.2", "handle"};
  }
  s.facts.downstreams = {{"10.1.2.3:5432", 10}, {"10.1.2.4:6379", 2}};
  const auto pool = built(s).model;
  ASSERT_TRUE(pool.find("downstream"));
  EXPECT_EQ(pool.find("downstream")->servers, 10u);
  EXPECT_NEAR(pool.find("downstream")->demand.value, 10 / 3001.1, 1e-7);
  EXPECT_TRUE(std::ranges::none_of(pool.centers, [](const auto& c) { return c.role == Role::lock; }));
  EXPECT_FALSE(mentions(pool.unknowns, "downstream connections"));
  EXPECT_NE(pool.find("downstream")->evidence.find("10 connections to 10.1.2.3:5432"), std::string::npos);
  // An interpreter's lock is signalled too, and is not held while another server is asked.
  for (auto& lock : s.locks) lock.service_ns = 300'000;
  for (auto& lock : s.locks) lock.handovers = s.total.count;
  const auto interpreter = built(s).model;
  EXPECT_TRUE(std::ranges::any_of(interpreter.centers, [](const auto& c) { return c.role == Role::lock; }));
}

TEST(ModelBuilder, TakesTheCopyForAPartOfTheCpu) {
  Summary s = capture(200'000, 140'000);
  spend(s, Stage::cpu, 90'000);
  spend(s, Stage::copy_out, 40'000);
  const auto model = built(s).model;
  EXPECT_NEAR(apply(model, {FixKind::avoid_copy})->cpu()->demand.value, 100e-6, 1e-9);
  EXPECT_NEAR(model.cpu()->after_answer, 10e-6, 1e-9);
}

TEST(ModelBuilder, KnowsWhatItTakesToLook) {
  Summary s = capture(200'000, 140'000);
  s.facts.cost.window_requests = 499;
  s.facts.cost.window_run_ns = 499 * 5'000;
  EXPECT_NEAR(without_probes(built(s).model).cpu()->demand.value, 137e-6, 1e-9);
  s.paused_ns = s.interval_ns;  // half of the time nobody looks
  s.facts.target_cpu_s *= 2;
  s.facts.end_ns += 10 * kSecond;
  EXPECT_NEAR(without_probes(built(s).model).cpu()->demand.value, 138.5e-6, 1e-9);
  s.facts.cost.window_requests = 49;
  EXPECT_NEAR(without_probes(built(s).model).cpu()->demand.value, 140e-6, 1e-9);
}

TEST(ModelBuilder, WithoutTheServersCpuTimeTakesTheRequests) {
  Summary s = capture(200'000, 140'000);
  s.facts.complete = false;
  s.facts.target_cpu_s = 0;
  EXPECT_NEAR(built(s).model.cpu()->demand.value, 140e-6, 1e-9);
  EXPECT_EQ(built(s).model.load.client_cpu.high, 0);
}

// Requests that were under way when the capture began stretch their own interval, not the locks'.
TEST(ModelBuilder, CountsLocksAndCpuOverTheCapture) {
  Summary s = plateau();
  s.facts.end_ns = 9 * kSecond;  // 8 s of it
  s.facts.target_cpu_s *= 0.8;
  s.locks[0].contended_ns = 8 * kSecond;
  s.locks[0].handovers = s.locks[0].handovers * 8 / 10;
  const auto model = built(s).model;
  EXPECT_NEAR(model.find("lock 0x1000")->demand.value, 1 / 3001.1, 1e-9);
  EXPECT_NEAR(model.cpu()->demand.value, 140e-6, 1e-9);
}

TEST(ModelBuilder, WaitsForACpuThatOthersCauseStay) {
  Summary s = capture(500'000, 140'000);
  spend(s, Stage::runqueue, 300'000);
  EXPECT_NEAR(built(s).model.find("runqueue")->demand.value, 300e-6, 10e-6);
  s = capture(8 * 70'000, 140'000);  // eight clients on two CPUs: a queue of the server's own
  s.interval_ns = kRequests * 70'000;
  s.facts.end_ns = s.facts.start_ns + s.interval_ns;
  s.facts.machine_busy = 0.8;
  spend(s, Stage::runqueue, 420'000);
  EXPECT_NEAR(built(s).model.find("runqueue")->demand.value, 0, 20e-6);
}

// One route in two takes three times as long as the other: a variance of a quarter of the mean squared.
TEST(ModelBuilder, KnowsThatRoutesDiffer) {
  Summary s = plateau();
  s.total.stage_ns[attribution::index(Stage::disk)] = 2'000'000ull * 30'000;
  s.total.count = 30'000;
  s.routes.resize(2);
  for (std::size_t i = 0; i < 2; i++) {
    s.routes[i].count = 15'000;
    s.routes[i].stage_ns[attribution::index(Stage::disk)] = (i ? 3'000'000ull : 1'000'000ull) * 15'000;
  }
  const auto model = built(s).model;
  EXPECT_NEAR(model.find("disk")->scv, 0.35, 1e-9);
  EXPECT_NEAR(model.find("lock 0x1000")->scv, 0.1, 1e-9);
}

TEST(ModelBuilder, RefusesTooLittle) {
  Summary s = capture(200'000, 140'000);
  s.total.count = 99;
  const auto few = build_model(s);
  ASSERT_FALSE(few.ok());
  EXPECT_NE(few.error().message.find("only 99"), std::string::npos);
  s = capture(200'000, 140'000);
  s.interval_ns = 999'999;
  EXPECT_FALSE(build_model(s).ok());
}

}  // namespace
}  // namespace plateau::model
