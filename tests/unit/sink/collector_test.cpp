// What Go's garbage collector did, from records to words, JSON and metrics.
#include "sink/collector.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace plateau::sink {
namespace {

pl_stop stop(std::uint64_t from, std::uint64_t to, pl_u32 cause) {
  pl_stop s{};
  s.from_ns = from;
  s.to_ns = to;
  s.cause = cause;
  return s;
}

attribution::Summary example() {
  attribution::Summary summary;
  auto& c = summary.collector;
  for (const pl_stop& s : {stop(0, 0, PL_STOP_WATCHED | PL_STOP_ASSISTS), stop(1'000'000, 0, PL_STOP_GC),
                           stop(1'000'000, 1'017'000, PL_STOP_GC), stop(2'000'000, 2'083'000, PL_STOP_GC),
                           stop(3'000'000, 3'007'000, PL_STOP_OTHER)})
    c.add(s);
  request::Request request;
  request.gc_pause_known = request.gc_assist_known = true;
  request.gc_pause_ns = 17'000;
  request.gc_assist_ns = 2'000'000;
  c.add(request, 170'000, 8'000'000);
  request.gc_pause_ns = request.gc_assist_ns = 0;
  c.add(request, 170'000, 0);
  request.gc_pause_known = request.gc_assist_known = false;
  c.add(request, 1'000'000'000, 1'000'000'000);
  return summary;
}

TEST(Collector, IsToldInWords) {
  EXPECT_EQ(collector_text(example()),
            "GO'S GARBAGE COLLECTOR\n"
            "  pauses   2, 100 us in all, longest 83.0 us; within the time of 1 of 2 requests: 5.0 % of it\n"
            "  assists  1.00 ms of marking a request, 25 % of its cpu (sampled)\n"
            "  the world was stopped by others, too: 1, 7.00 us in all\n");
  EXPECT_EQ(collector_text({}), "");
}

TEST(Collector, IsToldAsJson) {
  auto summary = example();
  summary.facts.counters[PL_COUNT_LOST_STOPS] = 3;
  const auto json = collector_json(summary);
  EXPECT_EQ(json["pauses"], 2);
  EXPECT_EQ(json["pause_sum_ns"], 100'000);
  EXPECT_EQ(json["pause_longest_ns"], 83'000);
  EXPECT_EQ(json["other_stops"], 1);
  EXPECT_EQ(json["lost_records"], 3);
  EXPECT_EQ(json["requests"]["held"], 1);
  EXPECT_EQ(json["requests"]["pause_sum_ns"], 17'000);
  EXPECT_EQ(json["assists"]["sum_ns"], 2'000'000);
  EXPECT_TRUE(collector_json({}).is_null());
}

TEST(Collector, OfAWindowIsWhatCameToIt) {
  const auto before = example().collector;
  auto now = before;
  now.add(stop(4'000'000, 4'005'000, PL_STOP_GC));
  const auto window = since(before, now);
  EXPECT_EQ(window.pauses, 1u);
  EXPECT_EQ(window.pause_ns, 5'000u);
  EXPECT_EQ(window.requests, 0u);
  EXPECT_TRUE(window.known());
}

}  // namespace
}  // namespace plateau::sink
