#include "attribution/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

namespace plateau::attribution {
namespace {

constexpr double kError = 1.0 / 64;  // half a bucket: a 32nd of a power of two

std::uint64_t exact(std::vector<std::uint64_t> sorted, double p) {
  const auto rank = static_cast<std::size_t>(std::ceil(p * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

void expect_quantiles(const char* name, const std::function<std::uint64_t(std::mt19937_64&)>& value) {
  SCOPED_TRACE(name);
  std::mt19937_64 random(5);
  Histogram histogram;
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 50'000; i++) {
    values.push_back(value(random));
    histogram.add(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double p : {0.0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999}) {
    const auto want = static_cast<double>(exact(values, p));
    EXPECT_NEAR(static_cast<double>(histogram.quantile(p)), want, want * kError + 0.5) << "p = " << p;
  }
  EXPECT_EQ(histogram.quantile(1), values.back());
  EXPECT_EQ(histogram.max_ns(), values.back());
  EXPECT_EQ(histogram.count(), values.size());
}

TEST(Histogram, QuantilesAreWithinTheirError) {
  expect_quantiles("uniform", [](auto& random) { return random() % 1'000'000; });
  expect_quantiles("small", [](auto& random) { return random() % 70; });
  expect_quantiles("log-uniform", [](auto& random) {
    return static_cast<std::uint64_t>(std::exp2(std::uniform_real_distribution(0.0, 40.0)(random)));
  });
  expect_quantiles("exponential", [](auto& random) {
    return static_cast<std::uint64_t>(std::exponential_distribution(1e-6)(random));
  });
  expect_quantiles("two humps",
                   [](auto& random) { return random() % 10 ? 300'000 + random() % 9999 : 92'000'000; });
}

TEST(Histogram, IsExactBelow64) {
  for (std::uint64_t v = 0; v < 64; v++) {
    Histogram histogram;
    histogram.add(v);
    histogram.add(1'000'000);
    EXPECT_EQ(histogram.quantile(0.5), v);
  }
}

TEST(Histogram, EveryValueIsInABucketThatIsCloseToIt) {
  for (unsigned bit = 0; bit < 64; bit++) {
    for (const std::int64_t near : {-1, 0, 1}) {
      const std::uint64_t v = (std::uint64_t{1} << bit) + static_cast<std::uint64_t>(near);
      Histogram histogram;
      histogram.add(v);
      histogram.add(~std::uint64_t{0});
      const std::uint64_t got = histogram.quantile(0.5);
      const std::uint64_t off = got > v ? got - v : v - got;
      EXPECT_LE(static_cast<double>(off), static_cast<double>(v) * kError + 0.5) << v;
    }
  }
}

TEST(Histogram, AnswersForNoValueAndForOne) {
  Histogram histogram;
  EXPECT_EQ(histogram.quantile(0.5), 0u);
  EXPECT_EQ(histogram.at_most(1000), 0u);
  EXPECT_EQ(histogram.max_ns(), 0u);
  histogram.add(123'456'789);
  for (const double p : {-1.0, 0.0, 0.5, 1.0, 2.0}) EXPECT_EQ(histogram.quantile(p), 123'456'789u) << p;
  EXPECT_EQ(histogram.sum_ns(), 123'456'789u);
}

TEST(Histogram, NoQuantileIsBeyondTheLargestValue) {
  Histogram histogram;
  for (int i = 0; i < 10; i++) histogram.add(1'000'001);
  for (const double p : {0.0, 0.5, 0.99, 1.0}) EXPECT_LE(histogram.quantile(p), 1'000'001u);
}

TEST(Histogram, QuantilesDoNotFall) {
  std::mt19937_64 random(9);
  Histogram histogram;
  for (int i = 0; i < 1000; i++) histogram.add(random() % (std::uint64_t{1} << (random() % 50)));
  std::uint64_t last = 0;
  for (int i = 0; i <= 1000; i++) {
    const std::uint64_t q = histogram.quantile(i / 1000.0);
    EXPECT_GE(q, last);
    last = q;
  }
}

TEST(Histogram, CountsWhatIsAtMost) {
  Histogram histogram;
  for (std::uint64_t v = 1; v <= 50; v++) histogram.add(v);
  EXPECT_EQ(histogram.at_most(0), 0u);
  EXPECT_EQ(histogram.at_most(17), 17u);
  EXPECT_EQ(histogram.at_most(1'000'000'000), 50u);
}

TEST(Histogram, MergesAsIfAllHadBeenAdded) {
  std::mt19937_64 random(11);
  Histogram all, parts[3];
  for (int i = 0; i < 3000; i++) {
    const std::uint64_t v = random() % (std::uint64_t{1} << (10 * (1 + i % 3)));
    all.add(v);
    parts[i % 3].add(v);
  }
  Histogram merged;
  for (const std::size_t i : {2u, 0u, 1u}) merged.merge(parts[i]);
  merged.merge({});
  EXPECT_EQ(merged.count(), all.count());
  EXPECT_EQ(merged.sum_ns(), all.sum_ns());
  EXPECT_EQ(merged.max_ns(), all.max_ns());
  for (int i = 0; i <= 100; i++) EXPECT_EQ(merged.quantile(i / 100.0), all.quantile(i / 100.0));
}

}  // namespace
}  // namespace plateau::attribution
