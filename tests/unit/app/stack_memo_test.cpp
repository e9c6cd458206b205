// A stack is found again by its return addresses' places, and by nothing less.
#include "app/stack_memo.h"

#include <gtest/gtest.h>

#include <cstring>

namespace plateau::app {
namespace {

struct Taken {
  pl_sample fixed{};
  std::vector<std::uint64_t> words;

  wire::Sample sample() {
    fixed.data_len = static_cast<pl_u32>(words.size() * sizeof(words[0]));
    return {&fixed, std::as_bytes(std::span(words))};
  }
};

Taken taken(std::vector<std::uint64_t> words, std::uint8_t data = PL_STACK_COPY) {
  Taken t;
  t.fixed.tgid = 4711;
  t.fixed.regs[0] = 0x1000;
  t.fixed.data = data;
  t.fixed.kernel_frames = 2;
  t.fixed.kernel[0] = 0xfff1;
  t.fixed.kernel[1] = 0xfff2;
  t.words = std::move(words);
  return t;
}

const std::vector<std::uint64_t> kIps{0x1000, 0x2000, 0x3000};

TEST(StackMemo, FindsTheSameStackWithOtherVariables) {
  StackMemo memo;
  auto first = taken({1, 0x2000, 2, 3, 0x3000, 4});
  memo.learn(first.sample(), kIps, 9);
  EXPECT_EQ(memo.find(taken({7, 0x2000, 0x3000, 8, 0x3000, 9, 10}).sample()), 9u);
}

TEST(StackMemo, DoesNotTakeAnotherForIt) {
  StackMemo memo;
  auto first = taken({1, 0x2000, 2, 3, 0x3000, 4});
  memo.learn(first.sample(), kIps, 9);
  EXPECT_FALSE(memo.find(taken({1, 0x2001, 2, 3, 0x3000, 4}).sample()));
  EXPECT_FALSE(memo.find(taken({0x2000, 1, 2, 3, 0x3000, 4}).sample()));
  EXPECT_FALSE(memo.find(taken({1, 0x2000, 2, 3}).sample()));
  auto other = taken({1, 0x2000, 2, 3, 0x3000, 4});
  other.fixed.regs[0] = 0x1001;
  EXPECT_FALSE(memo.find(other.sample()));
  other = taken({1, 0x2000, 2, 3, 0x3000, 4});
  other.fixed.kernel[1] = 0xfff3;
  EXPECT_FALSE(memo.find(other.sample()));
  other = taken({1, 0x2000, 2, 3, 0x3000, 4});
  other.fixed.tgid = 4712;
  EXPECT_FALSE(memo.find(other.sample()));
}

TEST(StackMemo, DoesNotKeepWhatItCannotFindAgain) {
  StackMemo memo;
  auto without = taken({1, 0x2000, 2});
  memo.learn(without.sample(), kIps, 9);
  EXPECT_FALSE(memo.find(without.sample()));
}

TEST(StackMemo, AStackByFramePointersIsItsAddresses) {
  StackMemo memo;
  auto first = taken(kIps, PL_STACK_IPS);
  memo.learn(first.sample(), kIps, 9);
  EXPECT_EQ(memo.find(taken(kIps, PL_STACK_IPS).sample()), 9u);
  EXPECT_FALSE(memo.find(taken({0x1000, 0x2000, 0x3000, 0x4000}, PL_STACK_IPS).sample()));
}

TEST(StackMemo, TellsTheSameStackOfOthersApart) {
  StackMemo memo;
  auto first = taken({1, 0x2000, 2, 3, 0x3000, 4});
  memo.learn(first.sample(), kIps, 9, "[woken by a]");
  EXPECT_EQ(memo.find(first.sample(), "[woken by a]"), 9u);
  EXPECT_FALSE(memo.find(first.sample(), "[woken by b]"));
  EXPECT_FALSE(memo.find(first.sample()));
}

TEST(StackMemo, IsBounded) {
  StackMemo memo(3);
  for (std::uint64_t ip = 0; ip < 5; ip++) {
    auto one = taken({1, 0x2000, 0x3000});
    one.fixed.regs[0] = ip;
    memo.learn(one.sample(), kIps, static_cast<std::uint32_t>(ip));
  }
  auto last = taken({1, 0x2000, 0x3000});
  last.fixed.regs[0] = 4;
  EXPECT_EQ(memo.find(last.sample()), 4u);
  last.fixed.regs[0] = 0;
  EXPECT_FALSE(memo.find(last.sample()));
}

}  // namespace
}  // namespace plateau::app
