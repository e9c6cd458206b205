#include "model/verdict.h"

#include <gtest/gtest.h>

#include <cmath>

namespace plateau::model {
namespace {

using attribution::LockStats;
using attribution::Stage;
using attribution::Summary;
using attribution::ThreadStats;

constexpr std::uint64_t kSecond = 1'000'000'000;

// Ten seconds of a server that answers 3,000 requests/s in 20 ms each on two CPUs, mostly idle, with a thread
// for each of many connections.
Summary plateau() {
  Summary s;
  s.interval_ns = 10 * kSecond;
  s.total.count = 30'000;
  s.total.latency_ns = 30'000 * 20'000'000ull;
  s.facts.start_ns = kSecond;
  s.facts.end_ns = 11 * kSecond;
  s.facts.cpus = 2;
  s.facts.target_cpu_s = 3;
  s.facts.machine_busy = 0.2;
  s.facts.complete = true;
  for (std::uint32_t tid = 1; tid <= 60; tid++) {
    ThreadStats thread;
    thread.tid = tid;
    thread.answered = 500;
    thread.elapsed_ns = 10 * kSecond;
    thread.idle_ns = 5 * kSecond;
    s.threads.push_back(thread);
  }
  return s;
}

void spend(Summary& s, Stage stage, double share) {
  s.total.stage_ns[attribution::index(stage)] =
      static_cast<std::uint64_t>(share * static_cast<double>(s.total.latency_ns));
}

LockStats mutex(std::uint64_t futex = 0x1000) {
  LockStats lock;
  lock.futex = futex;
  lock.tgid = 5;
  lock.waits = 30'000;
  lock.owed_waits = 30'000;
  lock.wait_ns = 550 * kSecond;
  lock.owed_wait_ns = 550 * kSecond;
  lock.handovers = 30'000;
  lock.service_ns = 330'000;
  lock.contended_ns = 99 * kSecond / 10;
  attribution::HolderStats holder;
  holder.frames = {"pthread_mutex_unlock", "handle(Request&)"};
  lock.holders = {holder};
  return lock;
}

TEST(Verdict, FindsTheLockThatIsTheCeiling) {
  Summary s = plateau();
  s.locks = {mutex()};
  spend(s, Stage::lock_user, 0.9);
  const Verdict v = judge(s);
  ASSERT_TRUE(v.bound);
  const Ceiling& c = v.ceilings.front();
  EXPECT_EQ(c.resource, Resource::lock);
  EXPECT_EQ(c.futex, 0x1000u);
  EXPECT_EQ(c.tgid, 5u);
  EXPECT_EQ(c.holder, "handle(Request&)");
  EXPECT_EQ(c.demand_ns, 330'000u);               // one hand-over a request, 330 us each
  EXPECT_NEAR(c.per_second, 1e9 / 330'000, 0.1);  // 3,030/s
  EXPECT_NEAR(c.utilisation, 0.99, 1e-9);
  EXPECT_NEAR(c.latency_share, 0.9, 1e-9);
  EXPECT_NEAR(v.throughput, 3000, 1e-9);
  EXPECT_NEAR(v.cpu_idle, 0.8, 1e-9);
  EXPECT_NEAR(v.waiting, 55, 1e-9);  // 550 s of waiting in 10 s
}

TEST(Verdict, NoCeilingIsBelowWhatWasServed) {
  Summary s = plateau();
  s.locks = {mutex()};
  s.locks[0].service_ns = 380'000;
  s.facts.target_cpu_s = 23;
  const Verdict verdict = judge(s);
  ASSERT_EQ(verdict.ceilings.size(), 2u);
  for (const Ceiling& ceiling : verdict.ceilings) EXPECT_DOUBLE_EQ(ceiling.per_second, 3'000);
  EXPECT_EQ(verdict.ceilings[0].demand_ns, 333'333u);
}

TEST(Verdict, ALockTakenTwiceByARequestHalvesItsCeiling) {
  Summary s = plateau();
  LockStats lock = mutex();
  lock.handovers = 60'000;
  lock.service_ns = 100'000;
  lock.contended_ns = 6 * kSecond;
  s.locks = {lock};
  EXPECT_EQ(judge(s).ceilings.front().demand_ns, 200'000u);
  EXPECT_NEAR(judge(s).ceilings.front().per_second, 5000, 0.1);
}

// A thread that finds the lock free overtakes the one that was woken for it: nobody's sleep ends by that.
TEST(Verdict, ALockThatMostHoldersFindFreeIsInUseWhileOthersWait) {
  Summary s = plateau();
  LockStats lock = mutex();
  lock.handovers = 7'000;
  lock.service_ns = 990'000;
  s.locks = {lock};
  EXPECT_EQ(judge(s).ceilings.front().demand_ns, 330'000u);  // 9.9 s for 30,000 requests
}

TEST(Verdict, NeverCallsAConditionVariableALock) {
  Summary s = plateau();
  LockStats condition = mutex();
  condition.service_ns = 0;  // never passed on by one who had waited
  s.locks = {condition};
  spend(s, Stage::lock_user, 0.9);
  for (const Ceiling& c : judge(s).ceilings) EXPECT_NE(c.resource, Resource::lock);
  EXPECT_FALSE(judge(s).bound);
}

TEST(Verdict, LeavesOutLocksThatFewRequestsMeet) {
  Summary s = plateau();
  LockStats rare = mutex();
  rare.handovers = s.total.count / 20 - 1;
  s.locks = {rare};
  for (const Ceiling& c : judge(s).ceilings) EXPECT_NE(c.resource, Resource::lock);
}

TEST(Verdict, ALockWithRoomLeftIsNotTheBottleneck) {
  Summary s = plateau();
  LockStats lock = mutex();
  lock.contended_ns = 3 * kSecond;
  s.locks = {lock};
  const Verdict v = judge(s);
  EXPECT_FALSE(v.bound);
  EXPECT_EQ(v.ceilings.front().resource, Resource::lock);
  EXPECT_NEAR(v.ceilings.front().utilisation, 0.3, 1e-9);
}

TEST(Verdict, TakesTheLockThatRequestsWaitForMost) {
  Summary s = plateau();
  LockStats small = mutex(0x2000);
  small.owed_wait_ns = 50 * kSecond;
  small.wait_ns = 50 * kSecond;
  small.service_ns = 900'000;
  s.locks = {mutex(), small};
  spend(s, Stage::lock_user, 0.6);
  const Verdict v = judge(s);
  EXPECT_EQ(v.ceilings.front().futex, 0x1000u);
  EXPECT_NEAR(v.ceilings.front().latency_share, 0.55, 1e-9);
  EXPECT_NEAR(v.waiting, 55, 1e-9);
}

TEST(Verdict, TellsTheWaitingOfTheRightProcess) {
  Summary s = plateau();
  LockStats other = mutex();  // the same address in a forked worker
  other.tgid = 6;
  other.owed_wait_ns = other.wait_ns = kSecond;
  s.locks = {mutex(), other};
  spend(s, Stage::lock_user, 0.9);
  EXPECT_EQ(judge(s).ceilings.front().tgid, 5u);
  EXPECT_NEAR(judge(s).waiting, 55, 1e-9);
}

TEST(Verdict, FindsTheOneLoopThatIsBusy) {
  Summary s = plateau();
  s.threads.resize(1);
  s.threads[0].answered = 30'000;
  s.threads[0].idle_ns = 4 * kSecond / 10;
  s.facts.target_cpu_s = 1;
  const Verdict v = judge(s);
  ASSERT_TRUE(v.bound);
  const Ceiling& c = v.ceilings.front();
  EXPECT_EQ(c.resource, Resource::loop);
  EXPECT_EQ(c.tid, 1u);
  EXPECT_NEAR(c.utilisation, 0.96, 1e-9);
  EXPECT_EQ(c.demand_ns, 320'000u);  // 9.6 s for 30,000 requests
  EXPECT_NEAR(c.per_second, 3125, 0.1);
}

TEST(Verdict, ALoopThatAnswersHalfOfTheRequestsBindsAtTwiceItsOwnRate) {
  Summary s = plateau();
  s.threads.resize(2);
  for (auto& thread : s.threads) {
    thread.answered = 15'000;
    thread.idle_ns = kSecond;
  }
  spend(s, Stage::busy_loop, 0.5);
  const Ceiling c = judge(s).ceilings.front();
  EXPECT_EQ(c.resource, Resource::loop);
  EXPECT_EQ(c.demand_ns, 600'000u);
  EXPECT_NEAR(c.per_second, 1e9 / 300'000, 0.1);
}

// Busy from its first answer to its last, which is a moment of the capture.
TEST(Verdict, AThreadThatSoonEndsIsNoBusyLoop) {
  Summary s = plateau();
  for (auto& thread : s.threads) {
    thread.elapsed_ns = kSecond / 100;
    thread.idle_ns = 0;
  }
  spend(s, Stage::busy_loop, 0.5);  // of pipelined requests, for each other
  EXPECT_FALSE(judge(s).bound);
}

TEST(Verdict, BusyThreadsOfOneConnectionEachAreNoLoops) {
  Summary s = plateau();
  for (auto& thread : s.threads) thread.idle_ns = 0;
  for (const Ceiling& c : judge(s).ceilings) EXPECT_NE(c.resource, Resource::loop);
}

TEST(Verdict, FindsThatTheCpusAreUsedUp) {
  Summary s = plateau();
  s.facts.target_cpu_s = 18;
  s.facts.machine_busy = 0.95;
  const Verdict v = judge(s);
  ASSERT_TRUE(v.bound);
  const Ceiling& c = v.ceilings.front();
  EXPECT_EQ(c.resource, Resource::cpu);
  EXPECT_EQ(c.demand_ns, 600'000u);            // 18 s for 30,000 requests
  EXPECT_NEAR(c.per_second, 2 / 600e-6, 0.1);  // two CPUs
  EXPECT_NEAR(c.utilisation, 0.95, 1e-9);
  EXPECT_NEAR(v.cpu_idle, 0.05, 1e-9);
  EXPECT_EQ(v.waiting, 0);
}

TEST(Verdict, TheCpusAreUsedByTheTargetWhateverTheMachineSays) {
  Summary s = plateau();
  s.facts.target_cpu_s = 19;
  s.facts.machine_busy = 0;
  EXPECT_NEAR(judge(s).ceilings.front().utilisation, 0.95, 1e-9);
}

TEST(Verdict, OthersWhoTakeTheOneCpuThatATargetMayUseUseItUp) {
  Summary s = plateau();
  s.facts.allowed_cpus = 1;  // of two
  s.facts.target_cpu_s = 5;  // of ten
  s.facts.machine_busy = 0.7;
  EXPECT_NEAR(judge(s).ceilings.front().utilisation, 0.5, 1e-9) << "the other CPU may be what is busy";
  s.facts.machine_busy = 0.95;
  const Verdict v = judge(s);
  EXPECT_NEAR(v.ceilings.front().utilisation, 0.9, 1e-9);
  ASSERT_FALSE(v.findings.empty());
  EXPECT_EQ(v.cause(), Cause::cpu_bound);
  EXPECT_NE(v.findings[0].evidence[0].find("40 % for other programs"), std::string::npos)
      << v.findings[0].evidence[0];
}

// Other programs, the load generator first, use up the CPUs: what requests wait for is still the lock.
TEST(Verdict, NamesTheLockWhenTheMachineIsBusyToo) {
  Summary s = plateau();
  s.facts.machine_busy = 0.99;
  s.locks = {mutex()};
  spend(s, Stage::lock_user, 0.8);
  spend(s, Stage::cpu, 0.1);
  EXPECT_EQ(judge(s).ceilings.front().resource, Resource::lock);
}

TEST(Verdict, SaysThatNothingBinds) {
  const Verdict v = judge(plateau());
  EXPECT_FALSE(v.bound);
  ASSERT_EQ(v.ceilings.size(), 1u);
  EXPECT_EQ(v.ceilings[0].resource, Resource::cpu);
  EXPECT_EQ(v.ceilings[0].demand_ns, 100'000u);
  EXPECT_NEAR(v.ceilings[0].per_second, 20'000, 0.1);
  EXPECT_NEAR(v.ceilings[0].utilisation, 0.2, 1e-9);
}

TEST(Verdict, SaysNothingOfCpusWhereTheCaptureWasCutOff) {
  Summary s = plateau();
  s.facts.complete = false;
  EXPECT_TRUE(judge(s).ceilings.empty());
  EXPECT_FALSE(judge(s).bound);
}

TEST(Verdict, OfNoRequestsIsNone) {
  Summary s = plateau();
  s.total = {};
  s.locks = {mutex()};
  const Verdict v = judge(s);
  EXPECT_TRUE(v.ceilings.empty());
  EXPECT_FALSE(v.bound);
  EXPECT_EQ(v.throughput, 0);
  EXPECT_FALSE(judge(Summary{}).bound);
}

// Requests that were under way at attach reach back beyond the capture's start; locks and CPU time do not.
TEST(Verdict, MeasuresLocksOverTheCapture) {
  Summary s = plateau();
  s.locks = {mutex()};
  s.facts.start_ns = 3 * kSecond;  // 8 s
  s.facts.target_cpu_s = 2.4;
  s.locks[0].contended_ns = 8 * kSecond;
  s.locks[0].handovers = 24'000;
  s.locks[0].wait_ns = 440 * kSecond;
  const Verdict v = judge(s);
  ASSERT_TRUE(v.bound);
  EXPECT_EQ(v.ceilings[0].utilisation, 1);
  EXPECT_EQ(v.ceilings[0].demand_ns, 333'333u);  // in use all the time, for 3,000 requests/s
  EXPECT_NEAR(v.waiting, 55, 1e-9);
  EXPECT_EQ(v.ceilings[1].resource, Resource::cpu);
  EXPECT_EQ(v.ceilings[1].demand_ns, 100'000u);
}

TEST(Verdict, StaysFiniteWithoutTime) {
  Summary s = plateau();
  s.interval_ns = 0;
  s.facts.start_ns = s.facts.end_ns = 0;
  s.facts.cpus = 0;
  s.locks = {mutex()};
  s.threads.resize(1);
  s.threads[0].elapsed_ns = 0;
  for (const Ceiling& c : judge(s).ceilings) {
    EXPECT_TRUE(std::isfinite(c.per_second) && std::isfinite(c.utilisation) &&
                std::isfinite(c.latency_share));
    EXPECT_LE(c.utilisation, 1);
  }
}

TEST(Verdict, NamesItsResources) {
  EXPECT_STREQ(resource_name(Resource::lock), "lock");
  EXPECT_STREQ(resource_name(Resource::loop), "loop");
  EXPECT_STREQ(resource_name(Resource::cpu), "cpu");
}

}  // namespace
}  // namespace plateau::model
