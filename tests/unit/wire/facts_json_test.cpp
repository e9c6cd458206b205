#include "wire/facts_json.h"

#include <gtest/gtest.h>

#include <limits>

#include "sample.h"

namespace plateau::wire::test {
namespace {

TEST(FactsJson, GivesBackWhatItWasGiven) {
  const Facts facts = sample_facts();
  const auto back = facts_from_json(to_json(facts));
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(to_json(*back), to_json(facts));
  EXPECT_EQ(back->kernel, facts.kernel);
  EXPECT_EQ(back->pids, facts.pids);
  EXPECT_EQ(back->listening, facts.listening);
  EXPECT_EQ(back->realtime_offset_ns, facts.realtime_offset_ns);
  EXPECT_EQ(back->start_ns, facts.start_ns);
  EXPECT_EQ(back->target_cpu_s, facts.target_cpu_s);
  EXPECT_EQ(back->counters, facts.counters);
  ASSERT_EQ(back->locks.size(), 2u);
  EXPECT_EQ(back->locks[0].futex, facts.locks[0].futex);
  EXPECT_EQ(back->locks[0].tgid, facts.locks[0].tgid);
  EXPECT_EQ(back->locks[0].during.owed_wait_ns, 4u);
  EXPECT_EQ(back->locks[0].during.service_ns, 7u);
  EXPECT_EQ(back->locks[0].during.contended_ns, 8u);
  ASSERT_EQ(back->providers.size(), 2u);
  EXPECT_EQ(back->providers[1].lost, "copy times");
  EXPECT_EQ(back->cost.missed, 9u);
  EXPECT_EQ(back->view.hidden, 1u);
  ASSERT_EQ(back->view.bypasses.size(), 2u);
  EXPECT_EQ(back->view.bypasses[0].what, "2 AF_XDP sockets");
  EXPECT_TRUE(back->view.bypasses[1].possible);
  ASSERT_EQ(back->accept_queues.size(), 2u);
  EXPECT_EQ(back->accept_queues[0].longest, 129u);
  EXPECT_EQ(back->accept_queues[0].drops, 31u);
  EXPECT_EQ(back->backlog.cookies, 4u);
  ASSERT_EQ(back->downstreams.size(), 2u);
  EXPECT_EQ(back->downstreams[0].address, "10.1.2.3:5432");
  EXPECT_EQ(back->downstreams[0].connections, 16u);
  EXPECT_EQ(back->send_path.ktls, 12u);
  ASSERT_EQ(back->kernel_locks.size(), 1u);
  EXPECT_EQ(back->kernel_locks[0].kind, static_cast<std::uint32_t>(PL_KERNEL_LOCK_RWSEM));
  EXPECT_EQ(back->kernel_locks[0].stack_class, "memory_map");
  EXPECT_EQ(back->kernel_locks[0].waits, 23u);
  EXPECT_EQ(back->kernel_locks[0].wait_ns, 29u);
  ASSERT_EQ(back->peers.size(), 1u);
  EXPECT_EQ(back->peers[0].address, "10.0.0.7:5432");
  EXPECT_EQ(back->peers[0].answer_ns, 11u);
  EXPECT_EQ(back->lost_peer_calls, 8u);
  ASSERT_EQ(back->loops.size(), 1u);
  EXPECT_EQ(back->loops[0].listeners.at(0), "0.0.0.0:80");
  EXPECT_EQ(back->loops[0].runqueue_ns, 9u);
  EXPECT_EQ(back->loops[0].buckets, (std::vector<std::uint64_t>{0, 10, 11}));
  EXPECT_EQ(back->sockets_unknown, "not allowed");
}

TEST(FactsJson, GivesBackAHolder) {
  const HolderSample sample = sample_holder();
  const auto back = holder_from_json(to_json(sample));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(to_json(*back), to_json(sample));
  EXPECT_EQ(back->frames, sample.frames);
  EXPECT_EQ(back->modules, sample.modules);
  EXPECT_EQ(back->weight, 40u);
  EXPECT_TRUE(back->cut_short);
}

TEST(FactsJson, FillsInWhatIsNotThere) {
  const auto facts = facts_from_json("{}");
  ASSERT_TRUE(facts.ok());
  EXPECT_EQ(facts->start_ns, 0u);
  EXPECT_FALSE(facts->complete);
  EXPECT_TRUE(facts_from_json(R"({"a field of the future": [1]})").ok());
}

TEST(FactsJson, TakesCountersOfABuildThatHadFewer) {
  const auto facts = facts_from_json(R"({"counters": [3, 5]})");
  ASSERT_TRUE(facts.ok());
  EXPECT_EQ(facts->counters[0], 3u);
  EXPECT_EQ(facts->counters[1], 5u);
  EXPECT_EQ(facts->counters[PL_COUNTERS - 1], 0u);
}

TEST(FactsJson, ReplacesBytesThatAreNoText) {
  Facts facts;
  facts.comm = "caf\xe9";
  const auto back = facts_from_json(to_json(facts));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->comm, "caf\xef\xbf\xbd");
}

TEST(FactsJson, RefusesWhatIsNoFacts) {
  for (const char* text : {"", "{", "null", "[]", "7", R"({"pids": "none"})", R"({"counters": 1})",
                           R"({"locks": [{}]})", R"({"start_ns": "soon"})", "{\"comm\": \"\xff\"}"}) {
    const auto facts = facts_from_json(text);
    EXPECT_FALSE(facts.ok()) << text;
    if (facts) continue;
    EXPECT_EQ(facts.error().message.rfind("malformed capture: ", 0), 0u) << facts.error().message;
    EXPECT_EQ(facts.error().message.find('\n'), std::string::npos);
  }
  EXPECT_FALSE(holder_from_json("[1]").ok());
  EXPECT_FALSE(holder_from_json(R"({"frames": 3})").ok());
}

TEST(FactsJson, RefusesEveryTruncation) {
  const std::string whole = to_json(sample_facts());
  for (std::size_t n = 0; n < whole.size(); n += PLATEAU_TEST_STRIDE)
    EXPECT_FALSE(facts_from_json(whole.substr(0, n)).ok()) << n;
}

// Not even one that an integer could not hold.
TEST(FactsJson, RefusesAFractionForAWholeNumber) {
  for (const char* text : {R"({"start_ns": 1e300})", R"({"start_ns": -1.5})", R"({"cpus": 1e12})",
                           R"({"pids": [2.5]})", R"({"counters": [1.0]})", R"({"cost": {"missed": 1e30}})"})
    EXPECT_FALSE(facts_from_json(text).ok()) << text;
  EXPECT_TRUE(
      facts_from_json(R"({"cost": {"agent_cpu_s": 1e300}, "machine_busy": 0.5, "target_cpu_s": 2})").ok());
}

// Nesting must not cost stack.
TEST(FactsJson, RefusesDeepNesting) {
  EXPECT_FALSE(facts_from_json(std::string(1'000'000, '[')).ok());
}

}  // namespace
}  // namespace plateau::wire::test
