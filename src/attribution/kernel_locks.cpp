#include "attribution/kernel_locks.h"

#include <algorithm>

namespace plateau::attribution {
namespace {

template <class Row>
void sort_by_falling_time(std::vector<Row>& rows) {
  std::ranges::stable_sort(rows, [](const Row& a, const Row& b) { return a.wait_ns > b.wait_ns; });
}

// The counters are of all waits. They are read a moment apart from the stacks': in a short window the waits
// of that moment may be missing from them.
KernelLockWaits waits_of(const wire::Facts& facts, std::size_t kind) {
  KernelLockWaits all{kKernelLockNames[kind], 0, 0, {}};
  for (const wire::KernelLockFact& fact : facts.kernel_locks) {
    if (fact.kind != kind || fact.waits == 0) continue;
    all.classes.push_back({fact.stack_class, fact.waits, fact.wait_ns});
    all.waits += fact.waits;
    all.wait_ns += fact.wait_ns;
  }
  sort_by_falling_time(all.classes);
  const std::uint64_t waits = facts.counters[PL_COUNT_KERNEL_LOCK_WAITS + kind];
  const std::uint64_t wait_ns = facts.counters[PL_COUNT_KERNEL_LOCK_NS + kind];
  const KernelLockClass unread{kUnreadStack, waits - std::min(waits, all.waits),
                               wait_ns - std::min(wait_ns, all.wait_ns)};
  all.waits += unread.waits;
  all.wait_ns += unread.wait_ns;
  if (unread.waits || unread.wait_ns) all.classes.push_back(unread);
  return all;
}

}  // namespace

std::vector<KernelLockWaits> kernel_lock_waits(const wire::Facts& facts) {
  std::vector<KernelLockWaits> all;
  for (std::size_t i = 0; i < kKernelLockNames.size(); i++)
    if (auto waits = waits_of(facts, i); waits.waits) all.push_back(std::move(waits));
  sort_by_falling_time(all);
  return all;
}

}  // namespace plateau::attribution
