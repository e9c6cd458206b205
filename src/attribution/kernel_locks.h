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

// Of waits whose kernel stack was not looked at, or could not be named.
inline constexpr std::string_view kUnreadStack = "unread";

// A part of the kernel in which it was waited.
struct KernelLockClass {
  std::string_view name;  // as in the facts, or kUnreadStack
  std::uint64_t waits = 0;
  std::uint64_t wait_ns = 0;

  bool operator==(const KernelLockClass&) const = default;
};

struct KernelLockWaits {
  std::string_view kind;  // of kKernelLockNames
  std::uint64_t waits = 0;
  std::uint64_t wait_ns = 0;
  std::vector<KernelLockClass> classes;  // add up to the two; by falling time, kUnreadStack last
};

// Of the kinds that were waited for, by falling time. Names are the facts'.
std::vector<KernelLockWaits> kernel_lock_waits(const wire::Facts& facts);

}  // namespace plateau::attribution
