// Calls to other servers, and the collector's pauses, as single requests have them.
#include "bpf/asked.h"

#include <gtest/gtest.h>

#include "records.h"

namespace plateau::request::test {
namespace {

// The records of a turn, told to have made so many calls each; none: not known.
std::vector<Record> asking(std::vector<Record> records, const std::vector<int>& calls) {
  for (std::size_t i = 0; i < records.size(); i++)
    PL_TURN_ASKED(&records[i].turn()) = static_cast<pl_u16>(calls.at(i) + 1);
  return records;
}

constexpr int kUnknown = -1;

TEST(Asked, IsTheSumOfARequestsRecords) {
  Tracer tracer(7);
  Observed seen;
  seen.feed(asking(tracer.turn(get("/none"), ok("a")), {0}));
  const std::string answer = ok(std::string(97, 'b'));
  seen.feed(asking(tracer.turn({get("/some"), {{answer.substr(0, 50)}, {answer.substr(50)}}}), {3, 2}));
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_EQ(seen.requests[0].calls_made(), 0u);
  EXPECT_EQ(seen.requests[1].calls_made(), 5u);
}

TEST(Asked, IsNotKnownWhereARecordDoesNotTell) {
  Tracer tracer(7);
  Observed seen;
  seen.feed(tracer.turn(get("/of-an-old-capture"), ok("a")));
  const std::string answer = ok(std::string(97, 'b'));
  seen.feed(
      asking(tracer.turn({get("/in-part"), {{answer.substr(0, 50)}, {answer.substr(50)}}}), {kUnknown, 2}));
  seen.feed(asking(tracer.turn(get("/after"), ok("c")), {1}));
  ASSERT_EQ(seen.requests.size(), 3u);
  EXPECT_EQ(seen.requests[0].calls_made(), std::nullopt);
  EXPECT_EQ(seen.requests[1].calls_made(), std::nullopt);
  EXPECT_EQ(seen.requests[2].calls_made(), 1u);
}

// Whose of the two they were, no record tells; where there were none, neither made any.
TEST(Asked, OfAPipelineIsKnownWhereItIsNone) {
  Tracer tracer(7);
  Observed seen;
  seen.feed(asking(tracer.turn(get("/a") + get("/b"), ok("a") + ok("b")), {1}));
  seen.feed(asking(tracer.turn(get("/c") + get("/d"), ok("c") + ok("d")), {0}));
  ASSERT_EQ(seen.requests.size(), 4u);
  EXPECT_EQ(seen.requests[0].calls_made(), std::nullopt);
  EXPECT_EQ(seen.requests[1].calls_made(), std::nullopt);
  EXPECT_EQ(seen.requests[2].calls_made(), 0u);
  EXPECT_EQ(seen.requests[3].calls_made(), 0u);
}

TEST(Asked, IsNotKnownOfWhatWasNotAnswered) {
  Tracer tracer(7);
  Observed seen;
  seen.feed(asking(tracer.turn({get("/gone"), {}}), {0}));
  seen.feed(tracer.close());
  ASSERT_EQ(seen.requests.size(), 1u);
  EXPECT_EQ(seen.requests[0].calls_made(), std::nullopt);
}

TEST(CollectorPause, IsSaidOfRequestsOfAProcessThatIsWatched) {
  Tracer tracer(7);
  Observed seen;
  seen.feed(tracer.turn(get("/before"), ok("a")));
  auto records = tracer.turn(get("/held"), ok("b"));
  const pl_turn& turn = records.front().turn();
  pl_stop stop{};
  stop.header = {sizeof(stop), PL_RECORD_STOP, 0, turn.ready_ns - 1};
  stop.tgid = turn.tgid;
  stop.cause = PL_STOP_WATCHED | PL_STOP_ASSISTS;
  seen.stitcher.stop({&stop});
  stop.cause = PL_STOP_GC;
  stop.from_ns = turn.ready_ns + 100;
  stop.to_ns = stop.header.ts = turn.ready_ns + 113;
  seen.stitcher.stop({&stop});
  seen.feed(records);
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_FALSE(seen.requests[0].gc_pause_known);
  EXPECT_FALSE(seen.requests[0].gc_assist_known);
  EXPECT_TRUE(seen.requests[1].gc_pause_known);
  EXPECT_TRUE(seen.requests[1].gc_assist_known);
  EXPECT_EQ(seen.requests[1].gc_pause_ns, 13u);
}

}  // namespace
}  // namespace plateau::request::test
