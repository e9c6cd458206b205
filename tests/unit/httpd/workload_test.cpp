#include "httpd/workload.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "httpd/framing_rule.h"

namespace plateau::httpd {
namespace {

std::uint64_t length(StageSpans& spans, Stage stage) {
  const Span& span = at(spans, stage);
  EXPECT_NE(span.begin, 0u);
  return span.end - span.begin;
}

std::uint64_t thread_cpu_ns() {
  return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

long minor_faults() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_minflt;
}

std::size_t happened(const StageSpans& spans) {
  std::size_t count = 0;
  for (const Span& span : spans) count += span.begin != 0 ? 1 : 0;
  return count;
}

TEST(Workload, PlantsNothingUnlessAsked) {
  const Options options;
  Workload workload(options);
  ASSERT_TRUE(workload.start().ok());
  StageSpans spans{};
  workload.run(spans);
  EXPECT_EQ(happened(spans), 0u);
}

TEST(Workload, SpinningHoldBurnsCpuAndABlockedOneDoesNot) {
  constexpr std::uint64_t kHold = 20'000'000;
  Options options;
  options.section = SectionKind::global;
  options.hold_ns = kHold;
  for (const HoldKind kind : {HoldKind::blocked, HoldKind::spinning}) {
    options.bottleneck.hold_kind = kind;
    Workload workload(options);
    StageSpans spans{};
    const std::uint64_t before = thread_cpu_ns();
    workload.run(spans);
    const std::uint64_t cpu = thread_cpu_ns() - before;
    EXPECT_GE(length(spans, Stage::section_hold), kHold);
    if (kind == HoldKind::blocked) {
      EXPECT_LT(cpu, kHold / 4);
    }
    if (kind == HoldKind::spinning) {
      EXPECT_GT(cpu, kHold / 20);
    }
  }
}

TEST(Workload, ShardsAreTakenInTurn) {
  Options options;
  options.section = SectionKind::sharded;
  options.hold_ns = 30'000'000;
  options.bottleneck.shards = 3;
  Workload workload(options);
  std::vector<StageSpans> all(3);
  std::vector<std::thread> threads;
  for (StageSpans& spans : all) threads.emplace_back([&] { workload.run(spans); });
  for (std::thread& thread : threads) thread.join();
  for (StageSpans& spans : all) EXPECT_LT(length(spans, Stage::section_wait), options.hold_ns / 2);
}

// In turn, two at a time never meet in the same of two.
TEST(Workload, ShardsAreTakenByChanceWhereAsked) {
  Options options;
  options.section = SectionKind::sharded;
  options.hold_ns = 5'000'000;
  options.bottleneck.shards = 2;
  options.bottleneck.shard_choice = ShardChoice::chance;
  Workload workload(options);
  int met = 0;
  constexpr int kPairs = 31;
  for (int i = 0; i < kPairs; ++i) {
    StageSpans first{}, second{};
    std::thread other([&] { workload.run(first); });
    workload.run(second);
    other.join();
    const auto wait = std::max(length(first, Stage::section_wait), length(second, Stage::section_wait));
    met += wait > options.hold_ns / 2;
  }
  EXPECT_GT(met, 0);
  EXPECT_LT(met, kPairs);
}

TEST(Workload, PausesHoldUpWhatBeginsInThem) {
  Options options;
  options.bottleneck.pause_ns = 20'000'000;
  options.bottleneck.pause_every_ns = 40'000'000;
  Workload workload(options);
  ASSERT_TRUE(workload.start().ok());
  const std::uint64_t deadline = monotonic_ns() + 5'000'000'000;
  std::uint64_t longest = 0;  // how long a pause holds up depends on when in it the request begins
  while (longest <= 10'000'000 && monotonic_ns() < deadline) {
    StageSpans spans{};
    workload.run(spans);
    const Span& pause = at(spans, Stage::pause);
    longest = std::max(longest, pause.end - pause.begin);
  }
  EXPECT_GT(longest, 10'000'000u);
}

TEST(Workload, PageFaultsAreOnePerPage) {
  Options options;
  options.bottleneck.page_fault = 200 * 4096;
  Workload workload(options);
  StageSpans spans{};
  const long before = minor_faults();
  workload.run(spans);
  EXPECT_GE(minor_faults() - before, 200);
  EXPECT_EQ(happened(spans), 2u);  // and its CPU time
}

TEST(Workload, CopiesTakeTheCpuTimeThatIsTold) {
  Options options;
  options.bottleneck.copy = 100'000'000;
  Workload workload(options);
  StageSpans spans{};
  const std::uint64_t before = thread_cpu_ns();
  workload.run(spans);
  const std::uint64_t used = thread_cpu_ns() - before;
  const Span& cpu = at(spans, Stage::memory_cpu);
  EXPECT_GT(cpu.end - cpu.begin, used - used / 20);
  EXPECT_LE(cpu.end - cpu.begin, used);
  EXPECT_EQ(happened(spans), 2u);
}

TEST(Workload, FreshGarbageFaultsEveryTimeAndPooledOnce) {
  Options options;
  options.bottleneck.garbage = 100 * 4096;
  for (const MemoryKind kind : {MemoryKind::pooled, MemoryKind::fresh}) {
    options.bottleneck.memory = kind;
    Workload workload(options);
    StageSpans spans{};
    workload.run(spans);
    const long before = minor_faults();
    for (int i = 0; i < 5; ++i) workload.run(spans);
    const long faults = minor_faults() - before;
    if (kind == MemoryKind::pooled) {
      EXPECT_LT(faults, 50);
    }
    if (kind == MemoryKind::fresh) {
      EXPECT_GE(faults, 500);
    }
  }
}

TEST(Workload, DiskWritesSyncAndSayWhereTheyCannot) {
  Options options;
  options.bottleneck.disk = 5003;
  options.bottleneck.disk_dir = testing::TempDir();
  Workload workload(options);
  ASSERT_TRUE(workload.start().ok());
  StageSpans spans{};
  workload.run(spans);
  EXPECT_GT(length(spans, Stage::disk), 0u);
  options.bottleneck.disk_dir = "/nonexistent-folder";
  Workload nowhere(options);
  const Status status = nowhere.start();
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("--disk-dir"), std::string::npos);
}

TEST(FramingRule, FollowsTheBodyOrTheSwitch) {
  using enum FramingRule;
  EXPECT_EQ(choose_framing(automatic, {.size = kMostKnown}), Framing::length);
  EXPECT_EQ(choose_framing(automatic, {.size = kMostKnown + 1}), Framing::chunked);
  EXPECT_EQ(choose_framing(automatic, {.fixed = true, .size = kMostKnown + 1}), Framing::length);
  EXPECT_EQ(choose_framing(automatic, {.streamed = true}), Framing::chunked);
  EXPECT_EQ(choose_framing(automatic, {.streamed = true, .minor_version = 0}), Framing::until_close);
  EXPECT_EQ(choose_framing(length, {.streamed = true}), Framing::length);
  EXPECT_EQ(choose_framing(chunked, {.fixed = true, .size = 1}), Framing::chunked);
  EXPECT_EQ(choose_framing(chunked, {.fixed = true, .size = 1, .minor_version = 0}), Framing::length);
}

}  // namespace
}  // namespace plateau::httpd
