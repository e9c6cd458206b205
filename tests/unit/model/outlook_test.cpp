#include "model/outlook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture_examples.h"

namespace plateau::model {
namespace {

using attribution::Stage;
using attribution::Summary;
using examples::capture;
using examples::kRequests;
using examples::mutex;
using examples::spend;
using testing::HasSubstr;

const Outcome* outcome(const Outlook& outlook, FixKind kind) {
  for (const Outcome& o : outlook.outcomes)
    if (o.fix.kind == kind) return &o;
  return nullptr;
}

bool mentions(const Outlook& outlook, const std::string& word) {
  return std::any_of(outlook.unknowns.begin(), outlook.unknowns.end(),
                     [&](const Unknown& u) { return u.what.find(word) != std::string::npos; });
}

TEST(Outlook, OfALockIsThatItsFixesHelpAndMoreCpusDoNot) {
  const Outlook outlook = outlook_of(examples::plateau());
  ASSERT_FALSE(outlook.reason) << *outlook.reason;
  ASSERT_TRUE(outlook.today && outlook.throughput_error && outlook.p50_error);
  EXPECT_LT(*outlook.throughput_error, 0.02);
  EXPECT_LT(*outlook.p50_error, 0.02);
  const Outcome* half = outcome(outlook, FixKind::shorten_lock);
  ASSERT_TRUE(half && half->prediction);
  EXPECT_NEAR(half->prediction->throughput.value, 2 * 3001, 0.03 * 2 * 3001);
  EXPECT_TRUE(helps(*half, *outlook.today));
  const Outcome* split = outcome(outlook, FixKind::shard_lock);
  ASSERT_TRUE(split && split->prediction);
  EXPECT_GT(split->gain, half->gain + 1);
  const Outcome* cpus = outcome(outlook, FixKind::add_cpus);
  ASSERT_TRUE(cpus && cpus->prediction);
  EXPECT_FALSE(helps(*cpus, *outlook.today));
}

TEST(Outlook, PutsTheLargestGainFirstAndWhatIsNotPredictedLast) {
  const Outlook outlook = outlook_of(examples::plateau());
  ASSERT_GE(outlook.outcomes.size(), 4u);
  EXPECT_EQ(outlook.outcomes.front().fix.kind, FixKind::shard_lock);
  for (std::size_t i = 1; i < outlook.outcomes.size(); i++) {
    const Outcome &a = outlook.outcomes[i - 1], &b = outlook.outcomes[i];
    EXPECT_TRUE(a.prediction ? !b.prediction || a.gain >= b.gain : !b.prediction) << i;
  }
  EXPECT_FALSE(outlook.outcomes.back().prediction);
  EXPECT_FALSE(outlook.outcomes.back().missing.empty());
}

TEST(Outlook, NamesFirstWhatKeepsFixesFromBeingPredicted) {
  const Outlook outlook = outlook_of(examples::plateau());
  ASSERT_FALSE(outlook.unknowns.empty());
  EXPECT_EQ(outlook.unknowns.front().what, "what copying costs");
  EXPECT_EQ(outlook.unknowns.front().experiment, "capture with --detail high");
  EXPECT_TRUE(mentions(outlook, "clients"));
}

TEST(Outlook, ProposesKeepAliveOnlyWhereConnectionsAreOpenedAllTheTime) {
  Summary s = examples::plateau();
  s.facts.counters[PL_COUNT_CONNS_OPENED] = kRequests / 100;
  EXPECT_FALSE(outcome(outlook_of(s), FixKind::keep_alive));
  s.facts.counters[PL_COUNT_CONNS_OPENED] = kRequests;
  const Outlook outlook = outlook_of(s);
  EXPECT_TRUE(outcome(outlook, FixKind::keep_alive));
  EXPECT_TRUE(mentions(outlook, "connection set-up"));
}

TEST(Outlook, ShowsAFixOnceThatIsUsualAndAskedForToo) {
  Summary s = examples::plateau();
  Questions questions;
  const unsigned twice = 2 * s.facts.cpus;
  questions.asked = {*parse_fix("add_cpus=" + std::to_string(twice))};
  const Outlook outlook = outlook_of(s, questions);
  std::vector<std::string> asked;
  for (const Outcome& o : outlook.outcomes)
    if (o.fix.kind == FixKind::add_cpus && o.fix.count == twice) asked.push_back(o.fix.asked);
  EXPECT_EQ(asked, std::vector<std::string>{"add_cpus=" + std::to_string(twice)});
}

// A fifth of what 140 us computes is saved where it is known; a profile of too few samples tells nothing.
TEST(Outlook, PredictsWhatAProfileTells) {
  Summary s = capture(145'000, 140'000);
  s.facts.counters[PL_COUNT_CONNS_OPENED] = kRequests;
  Questions questions;
  questions.profile = {99, 0.2, 0.1};
  EXPECT_TRUE(mentions(outlook_of(s, questions), "allocation"));
  questions.profile.samples = 100;
  const Outlook outlook = outlook_of(s, questions);
  EXPECT_FALSE(mentions(outlook, "allocation"));
  EXPECT_FALSE(mentions(outlook, "set-up"));
  const Outcome* pooled = outcome(outlook, FixKind::pool_objects);
  const Outcome* kept = outcome(outlook, FixKind::keep_alive);
  ASSERT_TRUE(pooled && pooled->prediction && kept && kept->prediction);
  EXPECT_LT(pooled->prediction->p50, outlook.today->p50);
  // Turns of TLS that cannot be read count as requests, and so the connections' own.
  s.total.by_kind[2][0] = kRequests / 2;
  EXPECT_TRUE(mentions(outlook_of(s, questions), "set-up"));
}

TEST(Outlook, FixesTheLongestOfManyLocks) {
  Summary s = examples::plateau();
  for (std::uint64_t i = 1; i < 8; i++) {
    s.locks.push_back(mutex(0.1));
    s.locks.back().futex += 64 * i;
    s.locks.back().service_ns = 1'000;
  }
  const Outlook outlook = outlook_of(s);
  ASSERT_FALSE(outlook.reason) << *outlook.reason;
  EXPECT_EQ(std::count_if(outlook.outcomes.begin(), outlook.outcomes.end(),
                          [](const Outcome& o) { return o.fix.kind == FixKind::shard_lock; }),
            3);
  EXPECT_EQ(outlook.outcomes.front().fix.resource, "lock 0x1000");
}

TEST(Outlook, KeepsFiguresBackWhenTheModelMissesTodaysThroughput) {
  Summary s = capture(132'000'000, 140'000);
  s.facts.target_cpu_s *= 8;
  const Outlook outlook = outlook_of(s);
  ASSERT_TRUE(outlook.reason);
  EXPECT_THAT(*outlook.reason, HasSubstr("of today's 3,001/s"));
  EXPECT_TRUE(outlook.outcomes.empty());
  EXPECT_GT(outlook.throughput_error.value_or(0), kBelievable);
  EXPECT_TRUE(outlook.today);
}

// Requests overtake each other: as many are answered, some of them much sooner and the others later.
TEST(Outlook, TellsNoLatencyWhenTheModelMissesTodaysMedianAlone) {
  Summary s = examples::plateau();
  s.total.latency = {};
  for (std::uint64_t i = 0; i < kRequests; i++) s.total.latency.add(60'000'000);
  const Outlook outlook = outlook_of(s);
  ASSERT_FALSE(outlook.reason) << *outlook.reason;
  EXPECT_FALSE(outlook.today->tells_latency);
  ASSERT_TRUE(!outlook.outcomes.empty() && outlook.outcomes.front().prediction);
  EXPECT_FALSE(outlook.outcomes.front().prediction->tells_latency);
  EXPECT_GT(outlook.outcomes.front().gain, 1);
  Outcome sooner = outlook.outcomes.front();
  sooner.gain = 0;
  sooner.prediction->p50 = 0;
  EXPECT_FALSE(helps(sooner, *outlook.today));
}

TEST(Outlook, GivesAReasonWhereThereIsNoModel) {
  EXPECT_THAT(outlook_of(Summary{}).reason.value_or(""), HasSubstr("too few for a model"));
  EXPECT_FALSE(outlook_of(Summary{}).today);
}

TEST(Outlook, LeavesOutWhatWouldTakeTooLongToSimulate) {
  EXPECT_EQ(outlook_of(capture(10 * examples::kSecond, 140'000)).reason,
            "30,011 requests inside at a time are too many to simulate");
  Summary s = examples::plateau();
  for (std::uint64_t i = 1; i < 32; i++) {
    s.locks.push_back(mutex(0.9));
    s.locks.back().futex += 64 * i;
  }
  EXPECT_EQ(outlook_of(s).reason,
            "396 requests inside at a time and 32 locks in their way are too many to simulate");
  s = capture(6 * examples::kSecond, 140'000);
  spend(s, Stage::accept_wait, 3 * examples::kSecond);
  spend(s, Stage::sleep, 3 * examples::kSecond);
  s.threads.resize(1'500);
  EXPECT_EQ(outlook_of(s).reason,
            "18,007 requests inside at a time before 1,500 threads are too many to simulate");
}

TEST(Outlook, IsTheSameForTheSameCapture) {
  const Outlook a = outlook_of(examples::plateau()), b = outlook_of(examples::plateau());
  ASSERT_TRUE(a.outcomes.size() == b.outcomes.size() && a.outcomes.front().prediction);
  EXPECT_EQ(a.outcomes.front().prediction->p99, b.outcomes.front().prediction->p99);
  EXPECT_EQ(a.today->throughput.value, b.today->throughput.value);
}

TEST(Outlook, CountsAFixThatAnswersSoonerAsHelp) {
  Prediction today, then;
  today.p50 = 0.1;
  then.p50 = 0.094;
  Outcome o;
  EXPECT_FALSE(helps(o, today)) << "no prediction";
  o.prediction = then;
  EXPECT_TRUE(helps(o, today));
  o.prediction->p50 = 0.097;
  EXPECT_FALSE(helps(o, today));
  o.gain = 0.021;
  EXPECT_TRUE(helps(o, today));
}

}  // namespace
}  // namespace plateau::model
