#include "app/loop_watch.h"

#include <gtest/gtest.h>

#include <cstring>

namespace plateau::app {
namespace {

pl_loop loop(const char* name, std::uint32_t tid) {
  pl_loop one{};
  one.born_ns = 1'000;
  one.since_ns = 9'000;
  one.state = PL_STATE_POLL;
  one.sleeps = 3;
  one.slept_ns = 5'000;
  one.run_ns = 2'000;
  one.runq_ns = 700;
  one.listeners = 0b110;
  one.tgid = 4711;
  one.tid = tid;
  std::strncpy(one.comm, name, sizeof(one.comm) - 1);
  one.buckets[7] = 3;
  return one;
}

pl_addr address(std::uint16_t port) {
  pl_addr addr{};
  addr.family = PL_FAMILY_INET;
  addr.local_port = port;
  addr.local[0] = 127;
  addr.local[3] = 1;
  return addr;
}

TEST(LoopFact, HoldsWhatGoesOnAtTheMoment) {
  const std::vector<std::string> names{"a", "b", "c"};
  pl_loop one = loop("worker-1", 7);
  auto fact = loop_fact(one, names, 12'000);
  EXPECT_EQ(fact.thread, "worker-1");
  EXPECT_EQ(fact.elapsed_ns, 11'000u);
  EXPECT_EQ(fact.wait_ns, 5'000u);
  EXPECT_EQ(fact.waiting_ns, 8'000u);
  EXPECT_EQ(fact.run_ns, 2'000u);
  EXPECT_EQ(fact.listeners, (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(fact.buckets.size(), 8u);
  one.state = PL_STATE_RUN;
  EXPECT_EQ(loop_fact(one, names, 12'000).run_ns, 5'000u);
  one.state = PL_STATE_RUNQ;
  EXPECT_EQ(loop_fact(one, names, 12'000).runqueue_ns, 3'700u);
  one.state = PL_STATE_OTHER;
  fact = loop_fact(one, names, 12'000);
  EXPECT_EQ(fact.waiting_ns + fact.run_ns + fact.runqueue_ns, 7'700u);
  EXPECT_EQ(loop_fact(one, names, 8'000).elapsed_ns, 8'000u) << "it changed while it was read";
}

TEST(ListenerNames, TellSocketsOfOneAddressApart) {
  EXPECT_EQ(listener_names({address(80), address(443), address(80), pl_addr{}}),
            (std::vector<std::string>{"127.0.0.1:80 #1", "127.0.0.1:443", "127.0.0.1:80 #2", ""}));
}

TEST(LoopWatch, KeepsWhatEndedThreadsDid) {
  LoopWatch watch;
  for (const char* name : {"worker-1", "worker-23", "main"}) {
    pl_loop one = loop(name, 7);
    one.ended_ns = 9'500;
    watch.ended(one);
  }
  const auto facts = watch.facts({loop("worker-5", 8)}, {}, 12'000);
  ASSERT_EQ(facts.size(), 3u);
  EXPECT_EQ(facts[0].tid, 8u);
  EXPECT_EQ(facts[1].thread, "main");
  EXPECT_EQ(facts[2].thread, "worker-*");
  EXPECT_EQ(facts[2].tid, 0u);
  EXPECT_EQ(facts[2].threads, 2u);
  EXPECT_EQ(facts[2].waits, 6u);
  EXPECT_EQ(facts[2].elapsed_ns, 17'000u);
  EXPECT_EQ(facts[2].waiting_ns, 11'000u);
}

TEST(LoopWatch, IsBoundedAndLosesNone) {
  LoopWatch watch;
  std::vector<pl_loop> many;
  for (std::uint32_t i = 0; i < 300; i++) {
    std::string name = "t-";
    name += static_cast<char>('a' + i % 26);
    name += static_cast<char>('a' + i / 26);
    many.push_back(loop(name.c_str(), i + 1));
    many.back().ended_ns = 9'500;
    watch.ended(many.back());
    many.back().ended_ns = 0;
  }
  std::uint64_t waits = 0;
  const auto facts = watch.facts(many, {}, 12'000);
  for (const auto& fact : facts) waits += fact.waits;
  EXPECT_EQ(waits, 3u * 600);
  EXPECT_LE(facts.size(), 128u + 33);
  EXPECT_EQ(facts.at(128).thread, "other");
}

}  // namespace
}  // namespace plateau::app
