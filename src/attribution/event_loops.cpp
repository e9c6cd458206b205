#include "attribution/event_loops.h"

#include <algorithm>
#include <cmath>

namespace plateau::attribution {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string thread_kind(std::string_view name) {
  std::string kind;
  for (std::size_t i = 0; i < name.size(); i++) {
    if (!is_digit(name[i])) {
      kind += name[i];
    } else if (i == 0 || !is_digit(name[i - 1])) {
      kind += '*';
    }
  }
  return kind;
}

std::uint64_t wait_quantile(const std::vector<std::uint64_t>& buckets, double p) {
  std::uint64_t all = 0;
  for (const auto count : buckets) all += count;
  if (all == 0) return 0;
  const auto rank =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(p * static_cast<double>(all))));
  std::uint64_t sum = 0;
  std::size_t i = 0;
  while (sum + buckets[i] < rank) sum += buckets[i++];
  const auto bound = static_cast<unsigned>(i);
  return (PL_LOOP_BOUND(bound) + PL_LOOP_BOUND(bound + 1)) / 2;
}

void add_loop(wire::LoopFact& sum, const wire::LoopFact& of) {
  sum.threads += of.threads;
  sum.elapsed_ns += of.elapsed_ns;
  sum.waits += of.waits;
  sum.wait_ns += of.wait_ns;
  sum.waiting_ns += of.waiting_ns;
  sum.run_ns += of.run_ns;
  sum.runqueue_ns += of.runqueue_ns;
  if (sum.buckets.size() < of.buckets.size()) sum.buckets.resize(of.buckets.size());
  for (std::size_t i = 0; i < of.buckets.size(); i++) sum.buckets[i] += of.buckets[i];
}

std::vector<wire::LoopFact> loop_groups(const std::vector<wire::LoopFact>& loops) {
  std::vector<wire::LoopFact> groups;
  for (const auto& loop : loops) {
    const std::string kind = thread_kind(loop.thread);
    const auto known = std::find_if(groups.begin(), groups.end(), [&](const wire::LoopFact& group) {
      return group.thread == kind && group.listeners == loop.listeners;
    });
    if (known != groups.end()) {
      add_loop(*known, loop);
      continue;
    }
    groups.push_back(loop);
    groups.back().thread = kind;
    groups.back().tid = 0;
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const wire::LoopFact& a, const wire::LoopFact& b) { return a.waits > b.waits; });
  return groups;
}

}  // namespace plateau::attribution
