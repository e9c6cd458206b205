// Which capabilities are enough, and how it is said that they are not.
#include "probe/privileges.h"

#include <gtest/gtest.h>
#include <linux/capability.h>

#include "probe/plan.h"

namespace plateau::probe {
namespace {

Held held(std::initializer_list<unsigned> capabilities) {
  Held held;
  for (const unsigned capability : capabilities) held.capabilities |= capability_bit(capability);
  return held;
}

TEST(Privileges, TwoAreEnough) {
  EXPECT_TRUE(check(held({CAP_BPF, CAP_PERFMON})));
  EXPECT_TRUE(check(held({CAP_SYS_ADMIN})));
}

TEST(Privileges, TheMissingOneIsNamed) {
  const Status able = check(held({CAP_BPF, CAP_SYS_PTRACE}));
  ASSERT_FALSE(able);
  EXPECT_EQ(able.error().code, ExitCode::unsupported);
  EXPECT_EQ(able.error().message,
            "no privilege to load BPF programs: CAP_PERFMON missing; run as root, or with CAP_PERFMON");
  EXPECT_EQ(
      check(held({})).error().message,
      "no privilege to load BPF programs: CAP_BPF and CAP_PERFMON missing; run as root, or with CAP_BPF "
      "and CAP_PERFMON");
}

TEST(Privileges, OfAUserNamespaceDoNotCount) {
  Held inside = held({CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN});
  inside.own_namespace = true;
  const Status able = check(inside);
  ASSERT_FALSE(able);
  EXPECT_NE(able.error().message.find("user namespace"), std::string::npos) << able.error().message;
}

TEST(Privileges, APlanWithoutThemSaysSo) {
  Plan plan;
  plan.btf = true;
  plan.privileges = held({CAP_PERFMON});
  const Status able = check(plan);
  ASSERT_FALSE(able);
  EXPECT_NE(able.error().message.find("CAP_BPF missing"), std::string::npos) << able.error().message;
}

}  // namespace
}  // namespace plateau::probe
