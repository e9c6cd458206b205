#include "attribution/recent.h"

#include <gtest/gtest.h>

namespace plateau::attribution {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

void add(Recent& recent, std::uint64_t end_ns, std::uint64_t took_ns, const std::string& route = "/") {
  request::Request r;
  r.method = "GET";
  r.end_ns = end_ns;
  r.ready_ns = end_ns - took_ns;
  r.state[PL_STATE_RUN] = took_ns;
  recent.add(r, budget_of(r), [&] { return route; });
}

TEST(Recent, TellsEachSecondApart) {
  Recent recent;
  for (std::uint64_t i = 0; i < 7; i++) add(recent, 10 * kSecond + i, 1000 + i);
  for (std::uint64_t i = 0; i < 5; i++) add(recent, 13 * kSecond + i, 5000);
  const auto seconds = recent.seconds();
  ASSERT_EQ(seconds.size(), 2u);
  EXPECT_EQ(seconds[0].second, 10u);
  EXPECT_EQ(seconds[0].count, 7u);
  EXPECT_EQ(seconds[0].stage_ns[index(Stage::cpu)], 7 * 1000u + 21u);
  EXPECT_EQ(seconds[1].second, 13u);
  EXPECT_EQ(seconds[1].count, 5u);
  EXPECT_EQ(seconds[1].p99_ns, 5000u);
}

TEST(Recent, KeepsSoManySecondsOnly) {
  Recent recent;
  const std::uint64_t all = Recent::kSeconds + 37;
  for (std::uint64_t i = 1; i <= all; i++) add(recent, i * kSecond, 1000);
  const auto seconds = recent.seconds();
  ASSERT_EQ(seconds.size(), Recent::kSeconds + 1);
  EXPECT_EQ(seconds.back().second, all);
  for (std::size_t i = 1; i < seconds.size(); i++)
    ASSERT_EQ(seconds[i].second, seconds[i - 1].second + 1) << "in the order of time";
}

TEST(Recent, KeepsTheSlowestOfTheLastMinute) {
  Recent recent;
  for (std::uint64_t i = 0; i < 1009; i++) add(recent, 31 * kSecond + i, 1000 + i * 7919 % 1009);
  const auto slowest = recent.slowest();
  ASSERT_EQ(slowest.size(), Recent::kSlowest);
  for (std::size_t i = 0; i < slowest.size(); i++)
    EXPECT_EQ(slowest[i].example.budget.latency_ns, 1000 + 1008 - i);

  add(recent, 61 * kSecond, 500, "/late");
  EXPECT_EQ(recent.slowest().size(), Recent::kSlowest + 1) << "the half minute before still counts";
  add(recent, 91 * kSecond, 400, "/later");
  ASSERT_EQ(recent.slowest().size(), 2u);
  EXPECT_EQ(recent.slowest()[0].route, "/late");
  add(recent, 1000 * kSecond, 300, "/last");
  ASSERT_EQ(recent.slowest().size(), 1u);
  EXPECT_EQ(recent.slowest()[0].route, "/last");
}

TEST(Recent, TakesNoRequestWithoutALatency) {
  Recent recent;
  request::Request r;
  r.measured = false;
  r.end_ns = kSecond;
  recent.add(r, {}, [] { return "/"; });
  EXPECT_TRUE(recent.seconds().empty());
  EXPECT_TRUE(recent.slowest().empty());
}

TEST(Recent, PutsAPauseIntoItsSeconds) {
  Recent recent;
  add(recent, 10 * kSecond, 1000);
  pl_pause pause{};
  pause.from_ns = 10 * kSecond + kSecond / 4;
  pause.to_ns = 11 * kSecond + kSecond / 2;
  recent.add(wire::Pause{&pause});
  const auto seconds = recent.seconds();
  ASSERT_EQ(seconds.size(), 2u);
  EXPECT_EQ(seconds[0].paused_ns, 3 * kSecond / 4);
  EXPECT_EQ(seconds[1].paused_ns, kSecond / 2);
}

}  // namespace
}  // namespace plateau::attribution
