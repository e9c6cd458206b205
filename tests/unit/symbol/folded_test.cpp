#include "symbol/folded.h"

#include <gtest/gtest.h>

#include <vector>

namespace plateau::symbol {
namespace {

using Stack = std::vector<std::string>;

TEST(Folded, RootComesFirst) {
  EXPECT_EQ(fold(Stack{"leaf", "caller", "main"}), "main;caller;leaf");
  EXPECT_EQ(fold(Stack{}), "");
}

TEST(Folded, NamesCannotBreakTheLine) {
  EXPECT_EQ(folded_name("f(int); g 12"), "f(int):_g_12");
  EXPECT_EQ(folded_name("a\nb\tc\x7f"), "a_b_c_");
  EXPECT_EQ(folded_name(""), "[unknown]");
  EXPECT_EQ(folded_name("h\xc3\xa9llo"), "h\xc3\xa9llo");
}

TEST(Folded, WeightsAddUpAndLinesAreSorted) {
  FoldedStacks stacks;
  stacks.add(Stack{"b", "main"}, 2);
  stacks.add(Stack{"a", "main"}, 1);
  stacks.add(Stack{"b", "main"}, 40);
  stacks.add(Stack{}, 7);
  EXPECT_EQ(stacks.text(), "main;a 1\nmain;b 42\n");
  EXPECT_EQ(stacks.dropped_adds(), 0u);
}

TEST(Folded, WhatDoesNotFitIsCounted) {
  FoldedStacks few(1);
  few.add(Stack{"a"}, 1);
  few.add(Stack{"b"}, 10);
  few.add(Stack{"c"}, 20);
  few.add(Stack{"a"}, 5);
  EXPECT_EQ(few.text(), "a 6\n");
  EXPECT_EQ(few.dropped_adds(), 2u);
  EXPECT_EQ(few.dropped_weight(), 30u);

  FoldedStacks small(100, 8);
  small.add(Stack{"fits"}, 1);
  small.add(Stack{"fits not"}, 3);
  small.add(Stack{"also"}, 1);
  EXPECT_EQ(small.text(), "also 1\nfits 1\n");
  EXPECT_EQ(small.dropped_weight(), 3u);
}

}  // namespace
}  // namespace plateau::symbol
