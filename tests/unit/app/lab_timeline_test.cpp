#include "app/lab/timeline.h"

#include <gtest/gtest.h>

namespace plateau::app::lab {
namespace {

constexpr std::uint64_t kMs = 1'000'000;

// One request every millisecond of `seconds`; those under way during a freeze wait for its end.
std::vector<LoggedRequest> frozen(std::uint64_t seconds, std::uint64_t every_ms, std::uint64_t length_ms) {
  std::vector<LoggedRequest> requests;
  for (std::uint64_t ms = 1; ms < seconds * 1000; ms++) {
    const std::uint64_t into = ms % every_ms;
    const bool waits = ms >= every_ms && into < length_ms;
    requests.push_back({ms * kMs, (waits ? ms - into + length_ms : ms) * kMs + 1000});
  }
  return requests;
}

TEST(Pauses, AreFoundWithTheirLengthAndDistance) {
  const PauseFigures pauses = find_pauses(frozen(5, 900, 13), 5e6);
  EXPECT_EQ(pauses.count, 5u);
  EXPECT_NEAR(pauses.length_ns, 13e6, 0.01e6);
  EXPECT_NEAR(pauses.every_ns, 900e6, 1e6);
}

TEST(Pauses, ASteadyServerHasNone) {
  const PauseFigures pauses = find_pauses(frozen(2, 100'000, 0), 5e6);
  EXPECT_EQ(pauses.count, 0u);
  EXPECT_EQ(pauses.length_ns, 0);
}

TEST(Samples, CountWhatWasDoneBetweenTwoReadings) {
  const std::vector<MemoryReading> readings = {{0, 1, 1}, {200 * kMs, 4096, 2}, {400 * kMs, 8192, 3}};
  const std::vector<LoggedRequest> requests = {
      {300 * kMs, 301 * kMs}, {10 * kMs, 12 * kMs}, {5 * kMs, 6 * kMs}};
  const auto samples = samples_of(readings, requests);
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_DOUBLE_EQ(samples[0].per_second, 10);
  EXPECT_NEAR(samples[0].p999_ns, 2e6, 2e3);
  EXPECT_EQ(samples[1].threads, 3u);
  EXPECT_DOUBLE_EQ(samples[1].at_s, 0.4);
}

TEST(Slices, KeepTheSlowest) {
  const auto points = slowest_by_slice({{0, kMs}, {kMs, 9 * kMs}, {30 * kMs, 31 * kMs}}, 20 * kMs);
  ASSERT_EQ(points.size(), 2u);
  EXPECT_DOUBLE_EQ(points[0].y, 8);
  EXPECT_DOUBLE_EQ(points[1].x, 0.02);
}

}  // namespace
}  // namespace plateau::app::lab
