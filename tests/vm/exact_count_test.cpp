// Every request that the reference server answered, and none that it did not, for what it was.
#include "vm_test.h"

namespace plateau::vm {
namespace {

class ExactCount : public VmTestWith<const char*> {};

INSTANTIATE_TEST_SUITE_P(Engines, ExactCount,
                         testing::Values("thread", "epoll", "reuseport", "pool", "io_uring"),
                         [](const auto& engine) { return std::string(engine.param); });

TEST_P(ExactCount, EveryRequestIsSeenForWhatItWas) {
  const auto pairs = observe(mixed_load(GetParam()), plan_of_this_kernel());
  if (!pairs) GTEST_SKIP() << kSkipped;
  expect_exact(*pairs);
  for (const auto& [truth, seen] : *pairs) ASSERT_TRUE(seen.latency_ns.has_value()) << truth.peer;
}

using Recording = VmTest;

// With the stacks, so that what takes them is loaded and run here too.
TEST_F(Recording, HoldsEveryRequest) {
  live::TruthRun run = mixed_load("epoll", {"--detail", "high", "--profile", "wall", "--wakers"});
  run.recorded = true;
  const auto pairs = observe(run, plan_of_this_kernel());
  if (!pairs) GTEST_SKIP() << kSkipped;
  expect_exact(*pairs);
}

}  // namespace
}  // namespace plateau::vm
