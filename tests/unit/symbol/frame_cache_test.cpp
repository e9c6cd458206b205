#include "symbol/frame_cache.h"

#include <gtest/gtest.h>

namespace plateau::symbol {
namespace {

Frame frame(const std::string& name) {
  Frame result;
  result.name = name;
  return result;
}

TEST(FrameCache, HoldsNoMoreThanTwoGenerations) {
  FrameCache cache(10);
  for (std::uint64_t address = 0; address < 1000; ++address) {
    cache.put(address, frame(std::to_string(address)));
    EXPECT_LE(cache.size(), 20u);
  }
  EXPECT_EQ(cache.find(0), nullptr);
  ASSERT_NE(cache.find(999), nullptr);
  EXPECT_EQ(cache.find(999)->name, "999");
}

TEST(FrameCache, WhatIsUsedStays) {
  FrameCache cache(10);
  cache.put(7, frame("hot"));
  for (std::uint64_t address = 100; address < 1000; ++address) {
    cache.put(address, frame("cold"));
    const auto* hot = cache.find(7);
    ASSERT_NE(hot, nullptr);
    EXPECT_EQ(hot->name, "hot");
  }
}

TEST(FrameCache, ClearForgets) {
  FrameCache cache(4);
  cache.put(1, frame("a"));
  cache.clear();
  EXPECT_EQ(cache.find(1), nullptr);
  EXPECT_EQ(cache.size(), 0u);
}

}  // namespace
}  // namespace plateau::symbol
