// How much of a request's time the collector's stops of the world were, and when that is not known.
#include "request/world_stops.h"

#include <gtest/gtest.h>

namespace plateau::request {
namespace {

constexpr std::uint32_t kProcess = 71;

pl_stop stop(std::uint64_t from, std::uint64_t to, pl_stop_cause cause = PL_STOP_GC) {
  pl_stop s{};
  s.header.ts = to ? to : from;
  s.from_ns = from;
  s.to_ns = to;
  s.tgid = kProcess;
  s.cause = cause;
  return s;
}

pl_stop watched(std::uint64_t ts, unsigned more = 0) {
  pl_stop s = stop(0, 0, PL_STOP_WATCHED);
  s.header.ts = ts;
  s.cause |= more;
  return s;
}

void add_whole(WorldStops& stops, std::uint64_t from, std::uint64_t to) {
  stops.add(stop(from, 0));
  stops.add(stop(from, to));
}

TEST(WorldStops, AreSharedWithARequestAsFarAsTheyOverlap) {
  WorldStops stops;
  stops.add(watched(1'000));
  add_whole(stops, 2'000, 2'300);
  add_whole(stops, 5'000, 5'070);
  EXPECT_EQ(stops.collector_ns(kProcess, 1'000, 9'000), 370u);
  EXPECT_EQ(stops.collector_ns(kProcess, 2'100, 2'200), 100u);
  EXPECT_EQ(stops.collector_ns(kProcess, 1'500, 2'011), 11u);
  EXPECT_EQ(stops.collector_ns(kProcess, 2'293, 5'013), 20u);
  EXPECT_EQ(stops.collector_ns(kProcess, 2'300, 5'000), 0u);
  EXPECT_EQ(stops.collector_ns(kProcess, 6'000, 7'000), 0u);
}

TEST(WorldStops, AreNotKnownOfTimeInWhichNobodyLooked) {
  WorldStops stops;
  EXPECT_EQ(stops.collector_ns(kProcess, 1, 2), std::nullopt);
  add_whole(stops, 1'100, 1'200);  // told before it is said from when on all are
  EXPECT_EQ(stops.collector_ns(kProcess, 1'100, 1'200), std::nullopt);
  stops.add(watched(1'000));
  EXPECT_EQ(stops.collector_ns(kProcess, 1'100, 1'200), 100u);
  EXPECT_EQ(stops.collector_ns(kProcess, 999, 1'200), std::nullopt);
  EXPECT_EQ(stops.collector_ns(kProcess + 1, 1'100, 1'200), std::nullopt);
}

TEST(WorldStops, OfOthersAreNotTheCollectors) {
  WorldStops stops;
  stops.add(watched(1'000));
  stops.add(stop(2'000, 0, PL_STOP_OTHER));
  stops.add(stop(2'000, 3'000, PL_STOP_OTHER));
  EXPECT_EQ(stops.collector_ns(kProcess, 1'000, 4'000), 0u);
}

// A request may end, in the kernel, while the world of its process is stopped.
TEST(WorldStops, CountWhileTheyGoOnUnlessTheirEndWasLost) {
  WorldStops stops({.longest_ns = 700});
  stops.add(watched(1'000));
  stops.add(stop(2'000, 0));
  EXPECT_EQ(stops.collector_ns(kProcess, 1'000, 2'013), 13u);
  EXPECT_EQ(stops.collector_ns(kProcess, 1'000, 1'999), 0u);
  EXPECT_EQ(stops.collector_ns(kProcess, 1'000, 2'701), std::nullopt);
  add_whole(stops, 4'000, 4'100);
  EXPECT_EQ(stops.collector_ns(kProcess, 3'000, 5'000), 100u);
}

TEST(WorldStops, AreForgottenAndThenNotKnown) {
  WorldStops stops({.processes = 1, .stops = 3});
  stops.add(watched(1'000));
  for (std::uint64_t i = 0; i < 5; i++) add_whole(stops, 2'000 + 100 * i, 2'007 + 100 * i);
  EXPECT_EQ(stops.collector_ns(kProcess, 2'150, 9'000), 21u);
  EXPECT_EQ(stops.collector_ns(kProcess, 2'100, 9'000), std::nullopt);
  pl_stop other = watched(1'000);
  other.tgid = kProcess + 1;
  stops.add(other);
  EXPECT_EQ(stops.collector_ns(kProcess + 1, 2'000, 3'000), std::nullopt);
}

TEST(WorldStops, SayWhetherAssistsAreToldToo) {
  WorldStops stops;
  EXPECT_FALSE(stops.tells_assists(kProcess, 2'000));
  stops.add(watched(1'000, PL_STOP_ASSISTS));
  EXPECT_TRUE(stops.tells_assists(kProcess, 1'000));
  EXPECT_FALSE(stops.tells_assists(kProcess, 999));
  stops.add(watched(3'000));
  EXPECT_FALSE(stops.tells_assists(kProcess, 4'000));
}

}  // namespace
}  // namespace plateau::request
