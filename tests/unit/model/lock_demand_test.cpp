#include "model/lock_demand.h"

#include <gtest/gtest.h>

#include <cmath>

#include "capture_examples.h"

namespace plateau::model {
namespace {

using namespace examples;

TEST(LockDemand, LiesBetweenContentionAndAlways) {
  attribution::Summary s = capture(1'000'000, 140'000);
  const CaptureView view(s);
  const double most = 1 / view.throughput();
  for (const double contended : {0.05, 0.3, 0.6, 0.99}) {
    const Estimate d = lock_demand(mutex(contended), view, nullptr);
    EXPECT_NEAR(d.high, std::max(most, d.value * 1.02), 1e-12);
    EXPECT_LE(d.low, d.value * 0.98);
    EXPECT_GE(d.low, std::min(contended, 0.97) * most * 0.999);
    EXPECT_NEAR(d.value, std::sqrt(contended) * most, 1e-9);
  }
  attribution::LockStats paused = mutex(0.5);
  paused.service_ns = 3'000'000;  // intervals that held pauses: busy for 450 % of the time
  EXPECT_NEAR(lock_demand(paused, view, nullptr).low, 0.5 * most, 1e-9);
  attribution::LockStats crowd = mutex(0.5);
  crowd.wait_ns = 90 * 10 * kSecond;  // 90 wait on average
  EXPECT_NEAR(lock_demand(crowd, view, nullptr).value, 0.989 * most, 0.001 * most);
  const LockDetail twice{0x1000, 5, 0.5, {}};
  EXPECT_NEAR(lock_demand(mutex(0.3), view, &twice).value, 165e-6, 1e-9);
}

}  // namespace
}  // namespace plateau::model
