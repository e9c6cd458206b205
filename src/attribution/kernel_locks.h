// What the target's threads waited for the kernel's own locks.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "wire/facts.h"

namespace plateau::attribution {

// By enum pl_kernel_lock.
inline constexpr std::array<std::string_view, PL_KERNEL_LOCKS> kKernelLockNames{
    "other", "spinlock", "rwlock", "mutex", "rwsem", "percpu_rwsem", "rt_mutex"};

struct KernelLockWaits {
  std::string_view kind;  // of kKernelLockNames
  std::uint64_t waits = 0;
  std::uint64_t wait_ns = 0;
};

// Of the kinds that were waited for, by falling time.
std::vector<KernelLockWaits> kernel_lock_waits(const wire::Facts& facts);

}  // namespace plateau::attribution
