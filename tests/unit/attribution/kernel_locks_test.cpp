#include "attribution/kernel_locks.h"

#include <gmock/gmock.h>

#include "attribution/facts_since.h"

namespace plateau::attribution {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t kRwsem = PL_KERNEL_LOCK_RWSEM;

wire::Facts facts_with(std::uint64_t waits, std::uint64_t ns, std::vector<wire::KernelLockFact> locks) {
  wire::Facts facts;
  facts.counters[PL_COUNT_KERNEL_LOCK_WAITS + kRwsem] = waits;
  facts.counters[PL_COUNT_KERNEL_LOCK_NS + kRwsem] = ns;
  facts.kernel_locks = std::move(locks);
  return facts;
}

TEST(KernelLocks, NobodyWaited) {
  EXPECT_THAT(kernel_lock_waits({}), IsEmpty());
}

TEST(KernelLocks, TheClassesOfAKindAddUpToIt) {
  const auto facts = facts_with(101, 9'001,
                                {{PL_KERNEL_LOCK_RWSEM, "file_system", 7, 300},
                                 {PL_KERNEL_LOCK_MUTEX, "pipe", 3, 20'000},
                                 {PL_KERNEL_LOCK_RWSEM, "memory_map", 13, 5'000}});
  const auto all = kernel_lock_waits(facts);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].kind, "mutex");  // its own counters lag behind
  EXPECT_EQ(all[0].wait_ns, 20'000u);
  EXPECT_THAT(all[0].classes, ElementsAre(KernelLockClass{"pipe", 3, 20'000}));
  EXPECT_EQ(all[1].kind, "rwsem");
  EXPECT_EQ(all[1].waits, 101u);
  EXPECT_EQ(all[1].wait_ns, 9'001u);
  EXPECT_THAT(all[1].classes,
              ElementsAre(KernelLockClass{"memory_map", 13, 5'000}, KernelLockClass{"file_system", 7, 300},
                          KernelLockClass{kUnreadStack, 81, 3'701}));
}

TEST(KernelLocks, AKindThatNoKernelHasIsNone) {
  EXPECT_THAT(kernel_lock_waits(facts_with(0, 0, {{PL_KERNEL_LOCKS, "socket", 1, 1}})), IsEmpty());
}

TEST(KernelLocks, AWindowHasWhatCameInIt) {
  const auto before = facts_with(11, 1'100, {{PL_KERNEL_LOCK_RWSEM, "memory_map", 5, 500}});
  const auto now = facts_with(
      31, 3'100, {{PL_KERNEL_LOCK_RWSEM, "memory_map", 12, 1'200}, {PL_KERNEL_LOCK_RWSEM, "epoll", 2, 200}});
  const auto window = facts_since(before, now);
  const auto all = kernel_lock_waits(window);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_THAT(all[0].classes,
              ElementsAre(KernelLockClass{"memory_map", 7, 700}, KernelLockClass{"epoll", 2, 200},
                          KernelLockClass{kUnreadStack, 11, 1'100}));
}

}  // namespace
}  // namespace plateau::attribution
