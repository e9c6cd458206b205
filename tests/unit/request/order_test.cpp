// Records out of order and records lost: the stitcher's own part.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "records.h"

namespace plateau::request::test {
namespace {

using testing::ElementsAre;

std::string text_of(std::span<const std::byte> bytes) {
  return {static_cast<const char*>(static_cast<const void*>(bytes.data())), bytes.size()};
}

class Order : public testing::Test {
 protected:
  const Counters& counters() const { return seen.stitcher.counters(); }
  void give_up() { seen.stitcher.sweep(server.now() + 2 * kHoldNs); }

  Tracer server{3};
  std::vector<Record> records = three_exchanges(server);
  Observed seen;
};

TEST_F(Order, EveryOrderOfTheRecordsGivesTheSameRequests) {
  std::vector<std::size_t> order(records.size());
  for (std::size_t i = 0; i < order.size(); i++) order[i] = i;
  do {
    Observed at;
    for (const std::size_t i : order) at.feed(records[i]);
    ASSERT_THAT(paths(at), ElementsAre("/0", "/1", "/2"));
    for (std::size_t i = 0; i < 3; i++) {
      ASSERT_EQ(at.requests[i].status, static_cast<int>(200 + i));
      ASSERT_EQ(at.requests[i].bytes_out, ok("0123456789").size());
    }
    ASSERT_EQ(at.stitcher.counters().missing_turns, 0u);
    ASSERT_EQ(at.stitcher.counters().abandoned, 0u);
  } while (std::next_permutation(order.begin(), order.end()));
}

// What a capture keeps must not depend on the order in which the CPUs' records came.
TEST_F(Order, EveryOrderOfTheRecordsIsHandedOnInTheirs) {
  std::vector<Record> shuffled = records;
  shuffled.push_back(server.close());
  std::vector<std::string> in_order;
  for (const Record& record : shuffled) in_order.push_back(text_of(record.bytes()));
  std::swap(shuffled[1], shuffled[4]);
  std::rotate(shuffled.begin(), shuffled.end() - 1, shuffled.end());
  std::vector<std::string> handed_on;
  seen.stitcher.on_record([&](std::span<const std::byte> bytes) { handed_on.push_back(text_of(bytes)); });
  seen.feed(shuffled);
  EXPECT_EQ(handed_on, in_order);
}

TEST_F(Order, ACloseThatOvertakesTheLastRecordsWaitsForThem) {
  seen.feed(records[0]);
  seen.feed(server.close());
  EXPECT_EQ(seen.stitcher.connections(), 1u);
  for (std::size_t i = 1; i < records.size(); i++) seen.feed(records[i]);
  EXPECT_THAT(paths(seen), ElementsAre("/0", "/1", "/2"));
  EXPECT_EQ(seen.stitcher.connections(), 0u);
  EXPECT_EQ(counters().missing_turns, 0u);
}

TEST_F(Order, HoldsWhatCameEarlyNoLongerThanItsTime) {
  seen.feed(records[2]);
  seen.feed(records[3]);
  seen.stitcher.sweep(records[2].turn().header.ts + kHoldNs);
  EXPECT_TRUE(seen.requests.empty());
  seen.stitcher.sweep(records[2].turn().header.ts + kHoldNs + 1);
  EXPECT_THAT(paths(seen), ElementsAre("/1"));
  EXPECT_EQ(counters().missing_turns, 1u);
}

TEST_F(Order, CountsALostTurnAndGoesOn) {
  for (const std::size_t i : {0u, 1u, 4u, 5u}) seen.feed(records[i]);
  give_up();
  ASSERT_THAT(paths(seen), ElementsAre("/0", "/2"));
  EXPECT_EQ(seen.requests[1].status, 202);
  EXPECT_EQ(counters().missing_turns, 1u);
  EXPECT_EQ(counters().abandoned, 0u);
}

TEST_F(Order, AbandonsARequestWhoseAnswersRestIsLost) {
  for (const std::size_t i : {0u, 2u, 3u, 4u, 5u}) seen.feed(records[i]);
  give_up();
  EXPECT_THAT(paths(seen), ElementsAre("/1", "/2"));
  EXPECT_EQ(counters().abandoned, 1u);
  EXPECT_EQ(counters().missing_turns, 0u);
}

TEST_F(Order, TakesTheRestOfALostTurnForNothing) {
  for (const std::size_t i : {0u, 1u, 3u, 4u, 5u}) seen.feed(records[i]);
  give_up();
  ASSERT_THAT(paths(seen), ElementsAre("/0", "/2"));
  EXPECT_EQ(seen.requests[1].status, 202);
  EXPECT_EQ(counters().missing_turns, 1u);
}

TEST_F(Order, CountsTurnsLostBeforeTheClose) {
  seen.feed(records[0]);
  seen.feed(records[1]);
  seen.feed(server.close());
  EXPECT_EQ(seen.stitcher.connections(), 1u);
  give_up();
  EXPECT_THAT(paths(seen), ElementsAre("/0"));
  EXPECT_EQ(counters().missing_turns, 2u);
  EXPECT_EQ(seen.stitcher.connections(), 0u);
}

TEST_F(Order, CountsTheTurnsOfAConnectionOfWhichOnlyTheCloseCame) {
  seen.feed(server.close());
  give_up();
  EXPECT_EQ(counters().missing_turns, 3u);
  EXPECT_EQ(seen.stitcher.connections(), 0u);
}

TEST_F(Order, NothingIsSaidOfAnAnswerWhoseEndIsLostBeforeTheClose) {
  for (const std::size_t i : {0u, 1u, 2u, 3u, 4u}) seen.feed(records[i]);
  seen.feed(server.close());
  give_up();
  EXPECT_THAT(paths(seen), ElementsAre("/0", "/1"));
  EXPECT_EQ(counters().abandoned, 1u);
}

TEST_F(Order, TakesEachRecordOnce) {
  for (int times = 0; times < 2; times++)
    for (const Record& record : records) seen.feed(record);
  EXPECT_THAT(paths(seen), ElementsAre("/0", "/1", "/2"));
  EXPECT_EQ(counters().missing_turns, 0u);
}

TEST_F(Order, TheEndOfTheCaptureGivesUpOnWhatIsMissing) {
  for (const std::size_t i : {0u, 1u, 4u, 5u}) seen.feed(records[i]);
  seen.stitcher.finish();
  EXPECT_THAT(paths(seen), ElementsAre("/0", "/2"));
  EXPECT_EQ(counters().missing_turns, 1u);
}

TEST_F(Order, ARequestUnderWayAtTheEndOfTheCaptureIsNotHandedOut) {
  seen.feed(records[0]);
  seen.stitcher.finish();
  EXPECT_TRUE(seen.requests.empty());
  EXPECT_EQ(seen.stitcher.under_way(), 1u);
}

TEST(Parts, MoreThanCanBeCountedAreStillInOrder) {
  Tracer server(1);
  TurnSpec spec{get("/stream"), {{chunked_head()}}};
  for (int i = 0; i < 300; i++) spec.parts.push_back({chunk("x")});
  spec.parts.push_back({std::string(kLastChunk)});
  const auto stream = server.turn(spec);
  const auto next = server.turn(get("/next"), ok("y"));
  ASSERT_EQ(next.front().turn().previous_parts, 255);
  Observed seen;
  for (std::size_t i = 0; i < 10; i++) seen.feed(stream[i]);
  seen.feed(next);  // overtakes the rest
  for (std::size_t i = 10; i < stream.size(); i++) seen.feed(stream[i]);
  seen.stitcher.finish();
  EXPECT_THAT(paths(seen), ElementsAre("/stream", "/next"));
  EXPECT_EQ(seen.stitcher.counters().abandoned, 0u);
}

TEST(Eviction, ForgetsTheLeastRecentlyUsedConnectionAndCountsIt) {
  StitcherLimits limits;
  limits.connections = 2;
  Observed seen(limits);
  std::vector<Tracer> servers;
  for (std::uint64_t i = 1; i <= 3; i++) servers.emplace_back(i);
  seen.feed(servers[0].turn(get("/a"), ok("x")));
  seen.feed(servers[1].turn(get("/b"), ok("x")));
  seen.feed(servers[0].turn(get("/c"), ok("x")));
  seen.feed(servers[2].turn(get("/d"), ok("x")));
  EXPECT_EQ(seen.stitcher.connections(), 2u);
  EXPECT_EQ(seen.stitcher.counters().evicted, 1u);
  seen.feed(servers[0].turn(get("/e"), ok("x")));  // still known
  EXPECT_EQ(seen.requests.size(), 5u);

  seen.feed(servers[1].turn(get("/f"), ok("x")));  // forgotten: its beginning is waited for in vain
  seen.feed(servers[1].close());
  seen.stitcher.finish();
  EXPECT_EQ(seen.requests.back().path, "/f");
  EXPECT_EQ(seen.stitcher.counters().missing_turns, 0u) << "it was seen, and then forgotten";
}

TEST(Connections, DoNotMeet) {
  Observed seen;
  Tracer a(1), b(2);
  const auto from_a = a.turn({get("/a"), {{ok("12345", 201).substr(0, 30)}, {ok("12345", 201).substr(30)}}});
  const auto from_b = b.turn({get("/b"), {{ok("12345", 202).substr(0, 30)}, {ok("12345", 202).substr(30)}}});
  seen.feed(from_a[0]);
  seen.feed(from_b[0]);
  seen.feed(from_b[1]);
  seen.feed(from_a[1]);
  ASSERT_THAT(paths(seen), ElementsAre("/b", "/a"));
  EXPECT_EQ(seen.requests[0].status, 202);
  EXPECT_EQ(seen.requests[1].status, 201);
}

// Turn after turn without an answer, as only a broken capture has them.
TEST(RequestsUnderWay, AreBoundedAndLossIsCounted) {
  Observed seen;
  Tracer server(1);
  constexpr std::uint32_t kTurns = 6000;
  for (std::uint32_t i = 0; i < kTurns; i++) {
    auto records = server.turn(get("/" + std::to_string(i)), ok("x"));
    pl_turn fixed = records.front().turn();
    fixed.bytes_out = 0;
    seen.feed(Record(fixed, records.front().payload().substr(0, fixed.in_len), {}));
  }
  EXPECT_GE(seen.stitcher.counters().abandoned, 4096u);
  seen.feed(server.turn(get("/last"), ok("x", 299)));
  for (const Request& request : seen.requests) {
    EXPECT_EQ(request.framing, Framing::unknown);
    EXPECT_EQ(request.status, 0);
  }
}

}  // namespace
}  // namespace plateau::request::test
