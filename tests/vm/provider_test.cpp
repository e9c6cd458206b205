// Every other provider that this kernel allows, forced in turn: the same requests whichever it is.
#include <algorithm>

#include "vm_test.h"

namespace plateau::vm {
namespace {

class Provider : public VmTestWith<Way> {};

INSTANTIATE_TEST_SUITE_P(Forced, Provider, testing::ValuesIn(other_ways()),
                         [](const auto& way) { return way.param.signal + "_" + way.param.provider; });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Provider);

TEST_P(Provider, SeesTheSameRequests) {
  const std::string assignment = GetParam().signal + "=" + GetParam().provider;
  const Plan plan = plan_with({"--provider", assignment});
  const auto forced = std::find_if(plan.signals.begin(), plan.signals.end(),
                                   [](const SignalPlan& signal) { return signal.name == GetParam().signal; });
  ASSERT_NE(forced, plan.signals.end());
  EXPECT_EQ(forced->provider, GetParam().provider);
  const auto pairs = observe(mixed_load("epoll", {"--detail", "high", "--provider", assignment}), plan);
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
