#include <gtest/gtest.h>

#include <cmath>

#include "capture_examples.h"
#include "model/model_builder.h"
#include "model/random_stream.h"
#include "model/what_if.h"

namespace plateau::model {
namespace {

// Figures that need not fit each other: a capture may be cut off, of a busy machine, or lossy.
attribution::Summary any_capture(RandomStream& random) {
  const auto some = [&](double mean) {
    return random.below(4) ? static_cast<std::uint64_t>(random.exponential(mean)) : 0;
  };
  attribution::Summary s = examples::capture(1 + some(1e7), some(1e5));
  s.interval_ns = 1'000'000'000 + some(1e10);
  s.facts.end_ns = s.facts.start_ns + some(1e10);
  s.facts.cpus = random.below(5);
  s.facts.machine_busy = static_cast<double>(random.below(12)) / 10;
  s.facts.target_cpu_s = random.exponential(10);
  s.facts.complete = random.below(4) != 0;
  for (auto& ns : s.total.stage_ns) ns = s.total.count * some(1e5);
  for (unsigned i = random.below(4); i-- > 0;) {
    s.locks.push_back(examples::mutex(random.uniform()));
    s.locks.back().futex += i * 64;
    s.locks.back().service_ns = some(1e6);
    s.locks.back().owed_wait_ns = s.locks.back().wait_ns = some(1e12);
  }
  for (unsigned i = random.below(4); i-- > 0;) {
    attribution::ThreadStats thread;
    thread.answered = some(1e4);
    thread.elapsed_ns = some(1e10);
    thread.idle_ns = some(1e10);
    s.threads.push_back(thread);
  }
  return s;
}

bool in_order(const Estimate& e) {
  return std::isfinite(e.low) && std::isfinite(e.high) && 0 <= e.low && e.low <= e.value && e.value <= e.high;
}

TEST(ModelBuilder, MakesOrderlyModelsOfAnything) {
  RandomStream random(97);
  int solved = 0;
  for (int round = 0; round < 23; round++) {
    const auto built = build_model(any_capture(random));
    ASSERT_TRUE(built.ok()) << built.error().message;
    for (const auto& center : built->model.centers) {
      EXPECT_TRUE(in_order(center.demand)) << round << " " << center.name;
      EXPECT_TRUE(std::isfinite(center.scv) && center.scv >= 0) << round << " " << center.name;
      EXPECT_GE(center.on_cpu, 0);
      EXPECT_LE(center.on_cpu, center.demand.value * (1 + 1e-9)) << round << " " << center.name;
    }
    const auto p = predict(built->model, {1, 500, 2'000});
    if (!p) continue;  // nothing was spent anywhere
    solved++;
    EXPECT_TRUE(in_order(p->throughput)) << round;
    EXPECT_LE(p->p50, p->p99);
  }
  EXPECT_GT(solved, 17);
}

}  // namespace
}  // namespace plateau::model
