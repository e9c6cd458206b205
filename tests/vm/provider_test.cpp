// Every other provider that this kernel allows, forced: the same requests whichever it is.
#include <algorithm>
#include <cstdio>

#include "vm_test.h"

namespace plateau::vm {
namespace {

using Ways = std::vector<Way>;

class Provider : public VmTestWith<Ways> {};

INSTANTIATE_TEST_SUITE_P(Forced, Provider, testing::ValuesIn(other_ways()), [](const auto& ways) {
  if (ways.param.size() > 1) return "set_" + std::to_string(ways.index + 1);
  return ways.param.front().signal + "_" + ways.param.front().provider;
});
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Provider);

TEST_P(Provider, SeesTheSameRequests) {
  std::vector<std::string> options;
  for (const Way& way : GetParam()) {
    options.push_back("--provider");
    options.push_back(way.signal + "=" + way.provider);
    std::printf("  %s\n", options.back().c_str());
  }
  const Plan plan = plan_with(options);
  for (const Way& way : GetParam()) {
    const auto forced = std::find_if(plan.signals.begin(), plan.signals.end(),
                                     [&](const SignalPlan& signal) { return signal.name == way.signal; });
    ASSERT_NE(forced, plan.signals.end()) << way;
    EXPECT_EQ(forced->provider, way.provider) << way;
  }
  options.insert(options.begin(), {"--detail", "high"});
  const auto pairs = observe(mixed_load("epoll", options), plan);
  if (!pairs) GTEST_SKIP() << kSkipped;
  expect_exact(*pairs);
}

using TakenAway = VmTest;

// All that can go at once.
TEST_F(TakenAway, EveryRequestIsStillSeen) {
  std::vector<std::string> options = {"--detail", "high"};
  const Plan& plan = plan_of_this_kernel();
  for (const SignalPlan& signal : plan.signals)
    if (!signal.required) options.insert(options.end(), {"--provider", signal.name + "=none"});
  auto pairs = observe(mixed_load("epoll", options), plan);
  if (!pairs) GTEST_SKIP() << kSkipped;
  expect_exact(*pairs);
  for (live::Pair& pair : *pairs) {
    for (const char* unknown :
         {"accept_wait", "wakeup", "busy_loop", "copy_in", "copy_out", "tcp_send", "lock_kernel"})
      ASSERT_EQ(pair.seen.stages[unknown], 0u) << unknown;
  }
}

}  // namespace
}  // namespace plateau::vm
