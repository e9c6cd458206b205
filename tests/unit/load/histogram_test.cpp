#include "load/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace plateau::load {
namespace {

TEST(Histogram, IsEmptyAtFirst) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.percentile(99), 0u);
  EXPECT_EQ(histogram.min(), 0u);
  EXPECT_EQ(histogram.max(), 0u);
  EXPECT_EQ(histogram.mean(), 0);
}

TEST(Histogram, IsExactBelow256) {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 200; ++value) histogram.record(value);
  EXPECT_EQ(histogram.percentile(0), 1u);
  EXPECT_EQ(histogram.percentile(50), 100u);
  EXPECT_EQ(histogram.percentile(99), 198u);
  EXPECT_EQ(histogram.percentile(100), 200u);
  EXPECT_EQ(histogram.mean(), 100.5);
}

TEST(Histogram, ReadsASingleValueBackExactly) {
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{255}, std::uint64_t{256},
                                    std::uint64_t{1'000'003}, std::numeric_limits<std::uint64_t>::max()}) {
    Histogram histogram;
    histogram.record(value);
    EXPECT_EQ(histogram.percentile(50), value);
    EXPECT_EQ(histogram.max(), value);
    EXPECT_EQ(histogram.min(), value);
  }
}

// Against the same percentiles taken from the sorted values.
TEST(Histogram, IsWithinOnePercentOverTheWholeRange) {
  std::mt19937_64 random(20'241'124);
  std::uniform_real_distribution<double> exponent(0, 40);
  std::vector<std::uint64_t> values;
  Histogram histogram;
  for (int i = 0; i < 100'000; ++i) {
    values.push_back(static_cast<std::uint64_t>(std::exp2(exponent(random))));
    histogram.record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double percent : {0.1, 1.0, 25.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * 100'000 - 1e-6));
    const auto exact = static_cast<double>(values[rank - 1]);
    const auto read = static_cast<double>(histogram.percentile(percent));
    EXPECT_GE(read, exact) << percent;
    EXPECT_LE(read, exact * 1.01) << percent;
  }
}

// The documented bound, over the whole range: never below, at most 1/128 above, exact below 256.
TEST(Histogram, ErrsByOnePartIn128AtMost) {
  for (std::uint64_t value = 1; value < std::uint64_t{1} << 62; value += value / 97 + 1) {
    Histogram histogram;
    histogram.record(value);
    histogram.record(std::uint64_t{1} << 63);
    const std::uint64_t read = histogram.percentile(50);
    ASSERT_GE(read, value);
    ASSERT_LE(read - value, value / 128) << value;
    if (value < 256) {
      ASSERT_EQ(read, value);
    }
  }
}

TEST(Histogram, MergesAsIfRecordedInOne) {
  Histogram one, other, both;
  for (std::uint64_t i = 1; i < 10'000; ++i) {
    (i % 3 == 0 ? one : other).record(i * i);
    both.record(i * i);
  }
  one.merge(other);
  EXPECT_EQ(one.count(), both.count());
  EXPECT_EQ(one.min(), both.min());
  EXPECT_EQ(one.max(), both.max());
  EXPECT_DOUBLE_EQ(one.mean(), both.mean());
  for (const double percent : {1.0, 50.0, 99.0, 99.99}) {
    EXPECT_EQ(one.percentile(percent), both.percentile(percent));
  }
}

TEST(Histogram, CountsTheRankAsWholeValues) {
  Histogram histogram;
  for (int i = 0; i < 999; ++i) histogram.record(1);
  histogram.record(100);
  EXPECT_EQ(histogram.percentile(99.9), 1u);
  EXPECT_EQ(histogram.percentile(99.91), 100u);
}

}  // namespace
}  // namespace plateau::load
