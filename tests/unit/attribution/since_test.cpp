#include <gtest/gtest.h>

#include "attribution/facts_since.h"
#include "attribution/summary.h"

namespace plateau::attribution {
namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;

request::Request request_at(std::uint64_t ready_ms, std::uint64_t took_ms, const std::string& path) {
  request::Request r;
  r.conn = 7;
  r.method = "GET";
  r.path = path;
  r.status = 200;
  r.reader_tid = r.writer_tid = 4712;
  r.ready_ns = ready_ms * kMillisecond;
  r.end_ns = r.ready_ns + took_ms * kMillisecond;
  r.writer_seen_ns = r.end_ns;
  r.writer_run_ns = r.end_ns / 2;
  r.state[PL_STATE_RUN] = took_ms * kMillisecond;
  r.bytes_out = 100;
  return r;
}

// Requests of `path`, one every 10 ms, each `took_ms` long.
void serve(Aggregate& aggregate, std::uint64_t from_ms, std::uint64_t count, std::uint64_t took_ms,
           const std::string& path) {
  for (std::uint64_t i = 0; i < count; i++) {
    const auto r = request_at(from_ms + 10 * i, took_ms, path);
    aggregate.add(r, budget_of(r));
  }
}

wire::Facts facts_at(std::uint64_t end_ms, std::uint64_t waits) {
  wire::Facts facts;
  facts.start_ns = 1000 * kMillisecond;
  facts.end_ns = end_ms * kMillisecond;
  facts.target_cpu_s = static_cast<double>(end_ms - 1000) / 4000;
  facts.machine_busy = end_ms > 2000 ? 0.5 : 0.25;
  facts.counters[PL_COUNT_BYTES_OUT] = waits * 100;
  wire::LockFact lock;
  lock.futex = 0x1000;
  lock.tgid = 4711;
  lock.during.waits = lock.during.handovers = lock.during.services = waits;
  lock.during.wait_ns = waits * kMillisecond;
  lock.during.service_ns = waits * waits * 1000;
  facts.locks = {lock};
  facts.complete = true;
  return facts;
}

TEST(Since, CountsWhatCameAfterTheEarlierSummary) {
  Aggregate aggregate;
  serve(aggregate, 1000, 53, 2, "/a");
  const Summary before = summarise(aggregate, facts_at(2000, 10), {}, 0);
  serve(aggregate, 2000, 31, 40, "/a");
  serve(aggregate, 2300, 7, 3, "/b");
  const Summary now = summarise(aggregate, facts_at(4000, 30), {}, 0);

  const Summary window = since(before, now);
  EXPECT_EQ(window.total.count, 38u);
  EXPECT_EQ(window.total.latency_ns, (31 * 40 + 7 * 3) * kMillisecond);
  EXPECT_EQ(window.total.stage_ns[index(Stage::cpu)], window.total.latency_ns);
  ASSERT_EQ(window.routes.size(), 2u);
  EXPECT_EQ(window.routes[0].route, "/a");
  EXPECT_EQ(window.routes[0].count, 31u);
  EXPECT_NEAR(static_cast<double>(window.routes[0].latency.quantile(0.5)), 40e6, 1e6)
      << "the earlier ones took 2 ms";
  EXPECT_EQ(window.routes[1].count, 7u);
  EXPECT_DOUBLE_EQ(window.throughput(), 19);
  ASSERT_EQ(window.threads.size(), 1u);
  EXPECT_EQ(window.threads[0].answered, 38u);
}

TEST(Since, TakesTheDifferenceOfFactsAndLocks) {
  Aggregate aggregate;
  serve(aggregate, 1000, 3, 2, "/a");
  const Summary before = summarise(aggregate, facts_at(2000, 10), {}, 0);
  serve(aggregate, 2000, 5, 2, "/a");
  const Summary window = since(before, summarise(aggregate, facts_at(4000, 30), {}, 0));
  EXPECT_EQ(window.facts.start_ns, 2000 * kMillisecond);
  EXPECT_DOUBLE_EQ(window.facts.target_cpu_s, 0.5);
  EXPECT_DOUBLE_EQ(window.facts.machine_busy, (0.5 * 3000 - 0.25 * 1000) / 2000);
  EXPECT_EQ(window.facts.counters[PL_COUNT_BYTES_OUT], 2000u);
  ASSERT_EQ(window.locks.size(), 1u);
  EXPECT_EQ(window.locks[0].waits, 20u);
  EXPECT_EQ(window.locks[0].service_ns, (900u - 100u) * 1000 / 20) << "the mean of the window alone";
}

TEST(Since, TakesLoopsSumsOfTheWindowAlone) {
  const auto loop = [](std::uint32_t tid, std::uint64_t waits) {
    wire::LoopFact fact;
    fact.thread = "worker";
    fact.tgid = 4711;
    fact.tid = tid;
    fact.elapsed_ns = waits * 1000;
    fact.waits = waits;
    fact.wait_ns = fact.waiting_ns = waits * 700;
    fact.run_ns = waits * 200;
    fact.runqueue_ns = waits * 100;
    fact.buckets = {waits, 0};
    return fact;
  };
  wire::Facts before, now;
  before.end_ns = 1000;
  now.end_ns = 13000;
  before.loops = {loop(1, 101), loop(2, 53)};
  now.loops = {loop(1, 108), loop(2, 7), loop(3, 11)};
  const wire::Facts window = facts_since(before, now);
  EXPECT_EQ(window.start_ns, 1000u);
  EXPECT_EQ(window.loops[0].waits, 7u);
  EXPECT_EQ(window.loops[0].elapsed_ns, 7000u);
  EXPECT_EQ(window.loops[0].wait_ns, 4900u);
  EXPECT_EQ(window.loops[0].run_ns, 1400u);
  EXPECT_EQ(window.loops[0].runqueue_ns, 700u);
  EXPECT_EQ(window.loops[0].buckets[0], 7u);
  EXPECT_EQ(window.loops[1].waits, 7u) << "another thread by now, with the same number";
  EXPECT_EQ(window.loops[2].waits, 11u) << "begun within";
}

TEST(Since, IsEmptyWhereNothingHappened) {
  Aggregate aggregate;
  serve(aggregate, 1000, 53, 2, "/a");
  const Summary window =
      since(summarise(aggregate, facts_at(2000, 10), {}, 0), summarise(aggregate, facts_at(5000, 10), {}, 0));
  EXPECT_EQ(window.total.count, 0u);
  EXPECT_EQ(window.total.latency.quantile(0.99), 0u);
  EXPECT_TRUE(window.routes.empty());
  EXPECT_TRUE(window.threads.empty());
  EXPECT_TRUE(window.locks.empty());
  EXPECT_EQ(window.throughput(), 0);
}

// 1,100 different first parts make the table fall back on templates, which take earlier paths along.
TEST(Since, NeverCountsBelowZeroWhereRoutesMerge) {
  Aggregate aggregate;
  serve(aggregate, 1000, 3, 2, "/users/anna");
  const Summary before = summarise(aggregate, facts_at(2000, 10), {}, 0);
  for (std::uint64_t i = 0; i < 1100; i++)
    serve(aggregate, 2000 + i, 1, 1, "/users/name" + std::to_string(i));
  const Summary window = since(before, summarise(aggregate, facts_at(4000, 30), {}, 0));
  EXPECT_EQ(window.total.count, 1100u);
  for (const auto& route : window.routes) {
    EXPECT_LE(route.count, 1103u) << route.route;
    EXPECT_LE(route.latency_ns, 2000 * kMillisecond) << route.route;
  }
}

wire::LoopFact loop_of(std::uint32_t tid, std::uint64_t elapsed_ms, std::uint64_t waits) {
  wire::LoopFact loop;
  loop.thread = "worker-" + std::to_string(tid);
  loop.tgid = 4711;
  loop.tid = tid;
  loop.elapsed_ns = elapsed_ms * kMillisecond;
  loop.waits = waits;
  loop.wait_ns = loop.waiting_ns = elapsed_ms * kMillisecond / 2;
  loop.run_ns = elapsed_ms * kMillisecond / 4;
  loop.runqueue_ns = elapsed_ms * kMillisecond / 8;
  loop.buckets = {0, waits};
  return loop;
}

TEST(Since, TakesTheDifferenceOfEventLoops) {
  const Aggregate nobody;
  wire::Facts early = facts_at(2000, 10), late = facts_at(4000, 30);
  early.loops = {loop_of(1, 1000, 100), loop_of(2, 800, 40)};
  // 2 has ended, 3 came, 4 is old and was one of many.
  wire::LoopFact ended = loop_of(2, 900, 47);
  ended.thread = "worker-*";
  ended.tid = 0;
  late.loops = {loop_of(1, 3000, 131), loop_of(3, 500, 7), loop_of(4, 2500, 900), ended};
  const auto loops = since(summarise(nobody, early, {}, 0), summarise(nobody, late, {}, 0)).facts.loops;
  ASSERT_EQ(loops.size(), 3u);
  EXPECT_EQ(loops[0].elapsed_ns, 2000 * kMillisecond);
  EXPECT_EQ(loops[0].waits, 31u);
  EXPECT_EQ(loops[0].buckets[1], 31u);
  EXPECT_EQ(loops[0].waiting_ns, 1000 * kMillisecond);
  EXPECT_EQ(loops[0].run_ns, 500 * kMillisecond);
  EXPECT_EQ(loops[0].runqueue_ns, 250 * kMillisecond);
  EXPECT_EQ(loops[1].waits, 7u);
  EXPECT_EQ(loops[2].waits, 7u) << "what it had before is not of the window";
  EXPECT_EQ(loops[2].elapsed_ns, 100 * kMillisecond);
}

}  // namespace
}  // namespace plateau::attribution
