#include "load/targets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace plateau::load {
namespace {

std::string order(const std::vector<Target>& targets, std::optional<std::uint64_t> seed, std::size_t count) {
  const TargetOrder made(targets, seed);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += static_cast<char>('a' + made.at(i));
  return text;
}

std::size_t count_of(const std::string& text, char letter) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), letter));
}

TEST(TargetOrder, EqualWeightsTakeTurns) {
  EXPECT_EQ(order({{"/", 1}, {"/", 1}, {"/", 1}}, {}, 7), "abcabca");
  EXPECT_EQ(order({{"/", 500}, {"/", 500}}, {}, 4), "abab");
}

TEST(TargetOrder, WeightsAreSpreadAndExactInEachCycle) {
  const std::vector<Target> targets = {{"/", 5}, {"/", 1}, {"/", 1}};
  EXPECT_EQ(order(targets, {}, 7), "aabacaa");
  const TargetOrder made({{"/", 600}, {"/", 300}, {"/", 100}}, {});
  EXPECT_EQ(made.cycle_length(), 10u);
}

TEST(TargetOrder, ASeedShufflesTheSameWayEveryTime) {
  const std::vector<Target> targets = {{"/", 70}, {"/", 29}, {"/", 1}};
  const std::string first = order(targets, 1, 100);
  EXPECT_EQ(first, order(targets, 1, 100));
  EXPECT_NE(first, order(targets, 2, 100));
  EXPECT_NE(first, order(targets, {}, 100));
  EXPECT_EQ(count_of(first, 'a'), 70u);
  EXPECT_EQ(count_of(first, 'b'), 29u);
  EXPECT_EQ(count_of(first, 'c'), 1u);
}

// The shuffle is our own, so its outcome may be written down: it must not change with the library.
TEST(TargetOrder, ASeedMeansTheSameEverywhere) {
  EXPECT_EQ(order({{"/", 1}, {"/", 1}, {"/", 1}, {"/", 1}, {"/", 1}, {"/", 1}}, 7, 6), "fbecad");
}

TEST(Target, IsTakenApart) {
  EXPECT_EQ(*parse_target("/a"), (Target{"/a", 1}));
  EXPECT_EQ(*parse_target("/a@30"), (Target{"/a", 30}));
  EXPECT_EQ(*parse_target("/a@b"), (Target{"/a@b", 1}));
  EXPECT_EQ(*parse_target("/a@"), (Target{"/a@", 1}));
  EXPECT_EQ(*parse_target("/a@2@3"), (Target{"/a@2", 3}));
  for (const std::string_view text : {"", "a", "@3", "/a b", "/a@0", "/a@10001", "/a@99999999999999999999"}) {
    const Result<Target> target = parse_target(text);
    ASSERT_FALSE(target.ok()) << text;
    EXPECT_EQ(target.error().code, ExitCode::usage);
  }
}

}  // namespace
}  // namespace plateau::load
