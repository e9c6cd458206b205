// Records that wait for one before them: for how long, how many, and what is lost then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "records.h"

namespace plateau::request::test {
namespace {

using testing::ElementsAre;

class Waiting : public testing::Test {
 protected:
  const Counters& counters() const { return seen.stitcher.counters(); }
  void sweep(std::uint64_t lost, std::uint64_t now_ns) {
    seen.stitcher.losses({lost, 0}, now_ns);
    seen.stitcher.sweep(now_ns);
  }

  Tracer server{3};
  std::vector<Record> records = three_exchanges(server);
  Observed seen;
};

// Nothing was lost, so that the record is still in the hands of a thread that gets no CPU.
TEST_F(Waiting, WaitsForAStarvedThreadAsLongAsNothingWasLost) {
  for (const std::size_t i : {1u, 2u, 3u, 4u, 5u}) seen.feed(records[i]);
  seen.feed(server.close());
  for (int i = 1; i <= 50; i++) sweep(0, server.now() + static_cast<std::uint64_t>(i) * kHoldNs);
  EXPECT_TRUE(seen.requests.empty());
  seen.feed(records[0]);
  EXPECT_THAT(paths(seen), ElementsAre("/0", "/1", "/2"));
  EXPECT_EQ(seen.stitcher.connections(), 0u);
  EXPECT_EQ(counters().missing_turns + counters().missing_parts + counters().abandoned, 0u);
}

TEST_F(Waiting, AnAnswerWhoseRestIsWaitedForIsNotOver) {
  const auto unframed = server.turn({get("/3"), {{"HTTP/1.1 200 OK\r\n\r\n0"}, {"1"}, {"2"}}});
  seen.feed(records);
  seen.feed(unframed[0]);
  seen.feed(unframed[2]);
  sweep(0, server.now() + 20 * kHoldNs);
  EXPECT_EQ(seen.requests.size(), 3u);
  seen.feed(unframed[1]);
  seen.feed(server.close());
  ASSERT_EQ(seen.requests.size(), 4u);
  EXPECT_EQ(seen.requests[3].bytes_out, 22u);
}

TEST_F(Waiting, WaitsNoLongerThanForTheMostStarvedOne) {
  for (const std::size_t i : {0u, 1u, 4u, 5u}) seen.feed(records[i]);
  const std::uint64_t late = records[4].turn().header.ts + StitcherLimits{}.starved_ns;
  sweep(0, late);
  EXPECT_THAT(paths(seen), ElementsAre("/0"));
  seen.stitcher.sweep(late + 1);
  EXPECT_THAT(paths(seen), ElementsAre("/0", "/2"));
  EXPECT_EQ(counters().missing_turns, 1u);
}

// What is missing comes after what came: a loss before that does not explain it, one behind it does.
TEST_F(Waiting, TakesARecordForLostWhereOneMayBe) {
  seen.stitcher.losses({}, 1);
  for (const std::size_t i : {0u, 1u}) seen.feed(records[i]);
  seen.stitcher.losses({1, 0}, records[1].turn().send_last_ns - 1);
  for (const std::size_t i : {4u, 5u}) seen.feed(records[i]);
  sweep(1, server.now() + 2 * kHoldNs);
  EXPECT_THAT(paths(seen), ElementsAre("/0"));
  sweep(2, server.now() + 2 * kHoldNs);
  EXPECT_THAT(paths(seen), ElementsAre("/0", "/2"));
  EXPECT_EQ(counters().missing_turns, 1u);
}

TEST_F(Waiting, CountsPartsThatNeverCame) {
  for (const std::size_t i : {0u, 2u, 3u, 4u}) seen.feed(records[i]);
  seen.feed(server.close());
  seen.stitcher.sweep(server.now() + 2 * kHoldNs);
  EXPECT_EQ(counters().missing_turns, 0u);
  EXPECT_EQ(counters().missing_parts, 2u) << "the second ones of the first and of the last turn";
}

// The kernel side counts what it could not write, the stitching what it missed: often the same turns, the
// first of them counted at once and the second when the next one comes. What never came for another reason
// stays counted whatever is lost after it.
TEST_F(Waiting, WhatNeverCameIsCountedBesideLossesAndNeverFalls) {
  const std::uint64_t late = server.now() + StitcherLimits{}.starved_ns + kHoldNs;
  for (const std::size_t i : {0u, 1u, 4u, 5u}) seen.feed(records[i]);
  sweep(0, late);
  EXPECT_EQ(counters().missing_turns, 1u);
  EXPECT_EQ(counters().never_came_turns, 1u);
  seen.stitcher.losses({2, 0}, late);
  EXPECT_EQ(counters().never_came_turns, 1u) << "two more were lost, and are not missed yet";
  server.turn(get("/lost"), ok("x"));
  seen.feed(server.turn(get("/3"), ok("x")));
  sweep(2, late + 2 * kHoldNs);
  EXPECT_EQ(counters().missing_turns, 2u);
  EXPECT_EQ(counters().never_came_turns, 1u) << "a loss explains this one";
}

TEST_F(Waiting, WhatIsMissingAtTheEndIsHeldAgainstTheLosses) {
  for (const std::size_t i : {0u, 1u, 4u}) seen.feed(records[i]);
  seen.feed(server.close());
  seen.stitcher.losses({1, 1}, server.now());
  seen.stitcher.finish();
  EXPECT_EQ(counters().missing_turns, 1u);
  EXPECT_EQ(counters().missing_parts, 2u) << "of the lost turn, and of the last";
  EXPECT_EQ(counters().never_came_turns, 0u) << "lost";
  EXPECT_EQ(counters().never_came_parts, 1u) << "one of them was lost";
}

TEST(Holding, IsBoundedByCount) {
  StitcherLimits limits;
  limits.held_per_connection = 4;
  Observed seen(limits);
  Tracer server(1);
  std::vector<Record> records;
  for (int i = 0; i < 20; i++) records.push_back(server.turn(get("/" + std::to_string(i)), ok("x")).front());
  for (std::size_t i = 6; i > 1; i--)
    seen.feed(records[i]);  // turn 0 and 1 are missing; one more than is held
  EXPECT_THAT(paths(seen), ElementsAre("/2", "/3", "/4", "/5", "/6"));
  EXPECT_EQ(seen.stitcher.counters().missing_turns, 2u);
  seen.feed(records[1]);
  for (std::size_t i = 7; i < 20; i++) seen.feed(records[i]);
  EXPECT_EQ(seen.requests.size(), 18u);
  EXPECT_EQ(seen.stitcher.counters().missing_turns, 2u);
}

TEST(Holding, IsBoundedByBytesAndGivesUpOnTheLongest) {
  StitcherLimits limits;
  limits.held_bytes = 2048;  // four records
  Observed seen(limits);
  seen.stitcher.losses({}, 1);
  Tracer first(1), second(2);
  const auto missing = first.turn(get("/missing"), ok("x"));
  seen.feed(first.turn(get("/first"), ok("x")));
  std::vector<Record> others;
  for (int i = 0; i < 5; i++) others.push_back(second.turn(get("/" + std::to_string(i)), ok("x")).front());
  for (std::size_t i = 1; i < others.size(); i++) seen.feed(others[i]);
  EXPECT_THAT(paths(seen), ElementsAre("/first"));
  EXPECT_EQ(seen.stitcher.counters().missing_turns, 1u);
  seen.feed(others[0]);
  EXPECT_EQ(seen.requests.size(), 6u);
  seen.feed(missing);
  EXPECT_EQ(seen.requests.size(), 6u) << "it was given up on";
}

// The thread that answered first lost its CPU, and the connection was served by others meanwhile.
TEST(Holding, WaitsForOneRecordWhileHundredsCome) {
  Observed seen;
  Tracer server(1);
  std::vector<Record> records;
  for (int i = 0; i < 1009; i++)
    records.push_back(server.turn(get("/" + std::to_string(i)), ok("x")).front());
  for (std::size_t i = 1; i < records.size(); i++) seen.feed(records[i]);
  EXPECT_EQ(seen.requests.size(), 0u);
  seen.feed(records[0]);
  ASSERT_EQ(seen.requests.size(), records.size());
  EXPECT_EQ(seen.requests.back().path, "/1008");
  EXPECT_EQ(seen.stitcher.counters().missing_turns, 0u);
}

TEST(Holding, ALateRecordThatFillsTheBufferIsNotItsOwnSuccessor) {
  StitcherLimits limits;
  limits.held_per_connection = 3;
  Observed seen(limits);
  Tracer server(1);
  std::vector<Record> records;
  for (int i = 0; i < 8; i++) records.push_back(server.turn(get("/" + std::to_string(i)), ok("x")).front());
  for (const std::size_t i : {0u, 3u, 4u, 5u, 2u, 6u, 7u}) seen.feed(records[i]);
  seen.stitcher.finish();
  EXPECT_THAT(paths(seen), ElementsAre("/0", "/2", "/3", "/4", "/5", "/6", "/7"));
  EXPECT_EQ(seen.stitcher.counters().missing_turns, 1u);
}

}  // namespace
}  // namespace plateau::request::test
