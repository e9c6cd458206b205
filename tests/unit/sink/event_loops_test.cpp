#include "sink/event_loops.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "attribution/event_loops.h"
#include "examples.h"

namespace plateau::sink {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

wire::LoopFact loop(const std::string& name, std::uint32_t tid, std::vector<std::string> listeners) {
  return {name,
          4711,
          tid,
          1,
          std::move(listeners),
          2'000'000'000,
          400,
          1'000'000'000,
          1'200'000'000,
          500'000'000,
          100'000'000,
          std::vector<std::uint64_t>(41, 10)};
}

TEST(WaitQuantile, IsTheMiddleOfItsBucket) {
  std::vector<std::uint64_t> buckets(10);
  EXPECT_EQ(attribution::wait_quantile(buckets, 0.5), 0u);
  buckets[4] = 1;
  buckets[8] = 99;
  EXPECT_EQ(attribution::wait_quantile(buckets, 0.01), (2'048u + 2'560) / 2);
  EXPECT_EQ(attribution::wait_quantile(buckets, 0.011), (4'096u + 5'120) / 2);
  EXPECT_EQ(attribution::wait_quantile(buckets, 1), (4'096u + 5'120) / 2);
}

TEST(EventLoops, AreToldByKindAndSocket) {
  auto summary = full_summary();
  summary.facts.loops = {loop("worker-1", 7, {"a:1"}), loop("worker-2", 8, {"a:1"}),
                         loop("acceptor", 9, {"a:1", "b:2", "c:3"})};
  summary.facts.counters[PL_COUNT_LOST_LOOPS] = 5;
  const auto text = event_loops_text(summary);
  EXPECT_THAT(text, StartsWith("EVENT LOOPS"));
  EXPECT_THAT(text, HasSubstr("  worker-* on a:1 (2 threads): wait 60 % of the time, on CPU 25 %, runnable "
                              "5.0 %; 800/s waits, p50 "));
  EXPECT_THAT(text, HasSubstr("  acceptor on a:1, b:2 …: wait 60 % of the time"));
  EXPECT_THAT(text, HasSubstr("  5 more threads were not looked at: too many at once\n"));
  const auto json = event_loops_json(summary);
  ASSERT_EQ(json["loops"].size(), 3u);
  EXPECT_EQ(json["loops"][1]["tid"], 8);
  EXPECT_EQ(json["loops"][1]["waits"], 400);
  EXPECT_EQ(json["loops"][1]["histogram"].size(), 41u);
  EXPECT_EQ(json["loops"][1]["histogram"][0]["below_ns"], 1'280);
  EXPECT_EQ(json["not_looked_at"], 5);
}

TEST(EventLoops, AreGivenToAPageByKind) {
  auto summary = full_summary();
  summary.facts.loops = {loop("worker-1", 7, {"a:1"}), loop("worker-2", 8, {"a:1"}),
                         loop("acceptor", 9, {"a:1"}), loop("idle", 10, {})};
  summary.facts.loops.back().waits = summary.facts.loops.back().run_ns = 0;
  const auto json = awake_loops_json(summary, 1);
  EXPECT_EQ(json["left_out"], 1);
  ASSERT_EQ(json["groups"].size(), 1u);
  const auto& group = json["groups"][0];
  EXPECT_EQ(group["thread"], "worker-*");
  EXPECT_EQ(group["threads"], 2);
  EXPECT_EQ(group["waits"], 800);
  EXPECT_EQ(group["waits_per_second"], 800) << "in a second's capture";
  EXPECT_EQ(group["run_ns"], 1'000'000'000);
  EXPECT_GT(group["p50_ns"], 0);
}

TEST(EventLoops, AreNoSectionWhereThereAreNone) {
  auto summary = full_summary();
  summary.facts.loops.clear();
  EXPECT_EQ(event_loops_text(summary), "");
}

}  // namespace
}  // namespace plateau::sink
