#include "attribution/kernel_locks.h"

#include <algorithm>

namespace plateau::attribution {

std::vector<KernelLockWaits> kernel_lock_waits(const wire::Facts& facts) {
  std::vector<KernelLockWaits> all;
  for (std::size_t i = 0; i < kKernelLockNames.size(); i++)
    if (const std::uint64_t waits = facts.counters[PL_COUNT_KERNEL_LOCK_WAITS + i])
      all.push_back({kKernelLockNames[i], waits, facts.counters[PL_COUNT_KERNEL_LOCK_NS + i]});
  std::stable_sort(all.begin(), all.end(),
                   [](const KernelLockWaits& a, const KernelLockWaits& b) { return a.wait_ns > b.wait_ns; });
  return all;
}

}  // namespace plateau::attribution
