#include "attribution/summary.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace plateau::attribution {
namespace {

// Hand-overs for each that has to have been seen as a service: below that, what was seen is the odd one out,
// such as a holder that was held up itself.
constexpr std::uint64_t kMostUnseen = 20;

}  // namespace

pl_lock lock_growth(const pl_lock& before, pl_lock now) {
  now.waits -= before.waits;
  now.wait_ns -= before.wait_ns;
  now.owed_waits -= before.owed_waits;
  now.owed_wait_ns -= before.owed_wait_ns;
  now.handovers -= before.handovers;
  now.services -= before.services;
  now.service_ns -= before.service_ns;
  now.contended_ns -= before.contended_ns;
  return now;
}

LockStats lock_stats(const wire::LockFact& fact) {
  const pl_lock& d = fact.during;
  LockStats lock;
  lock.futex = fact.futex;
  lock.tgid = fact.tgid;
  lock.waits = d.waits;
  lock.wait_ns = d.wait_ns;
  lock.owed_waits = d.owed_waits;
  lock.owed_wait_ns = d.owed_wait_ns;
  lock.handovers = d.handovers;
  const bool known = d.services != 0 && d.services * kMostUnseen >= d.handovers;
  lock.service_ns = known ? d.service_ns / d.services : 0;
  lock.contended_ns = d.contended_ns;
  return lock;
}

namespace {

// Code that implements locks: never the answer to "who holds it".
constexpr std::array<std::string_view, 12> kLockCode{
    "pthread_",         "__pthread_",      "__lll_",           "lll_",      "___pthread", "std::mutex",
    "std::unique_lock", "std::lock_guard", "std::scoped_lock", "__gthread", "syscall",    "futex"};
constexpr std::array<std::string_view, 4> kLockLibraries{"/libc.so", "/libpthread", "/libstdc++",
                                                         "/ld-linux"};

// The C library's, the C++ library's, under whatever version or prefix.
constexpr std::array<std::string_view, 5> kSignals{"pthread_cond_signal", "pthread_cond_broadcast",
                                                   "sem_post", "condition_variable::notify", "cnd_signal"};
constexpr std::ptrdiff_t kSignalDepth = 4;  // frames, from the innermost on

bool signals_a_waiter(const std::string& frame) {
  return std::any_of(kSignals.begin(), kSignals.end(),
                     [&](std::string_view name) { return frame.find(name) != std::string::npos; });
}

bool is_lock_code(const std::string& frame, const std::string& module) {
  return std::any_of(kLockCode.begin(), kLockCode.end(),
                     [&](std::string_view prefix) { return frame.starts_with(prefix); }) ||
         std::any_of(kLockLibraries.begin(), kLockLibraries.end(),
                     [&](std::string_view name) { return module.find(name) != std::string::npos; });
}

}  // namespace

bool LockStats::is_signalled() const {
  std::uint64_t all = 0, signals = 0;
  for (const HolderStats& holder : holders) {
    const auto innermost =
        holder.frames.begin() + std::min<std::ptrdiff_t>(kSignalDepth, std::ssize(holder.frames));
    all += holder.weight;
    if (std::any_of(holder.frames.begin(), innermost, signals_a_waiter)) signals += holder.weight;
  }
  return 2 * signals > all;
}

void sort_by_wait(std::vector<LockStats>& locks) {
  std::sort(locks.begin(), locks.end(), [](const LockStats& a, const LockStats& b) {
    return std::tie(b.owed_wait_ns, b.wait_ns, a.futex) < std::tie(a.owed_wait_ns, a.wait_ns, b.futex);
  });
}

std::string holder_function(const HolderStats& holder) {
  for (std::size_t i = 0; i < holder.frames.size(); i++)
    if (!is_lock_code(holder.frames[i], i < holder.modules.size() ? holder.modules[i] : ""))
      return holder.frames[i];
  return holder.frames.empty() ? "[unknown]" : holder.frames.front();
}

Summary summarise(const Aggregate& aggregate, const wire::Facts& facts, const request::Counters& counters,
                  std::uint64_t malformed_records) {
  Summary summary;
  summary.facts = facts;
  summary.coverage = coverage_of(facts, counters, malformed_records);
  summary.total = aggregate.total();
  summary.routes = aggregate.routes();
  summary.insight = aggregate.insight();
  summary.total.profile = summary.insight.profile;
  summary.threads = aggregate.threads();
  summary.collector = aggregate.collector();
  summary.asked = aggregate.asked();
  summary.copies = aggregate.copies();
  summary.routes_overflowed = aggregate.routes_overflowed();
  summary.unmeasured = aggregate.unmeasured();
  summary.overcharged = aggregate.overcharged();
  summary.paused_ns = aggregate.paused_ns();
  summary.interval_ns = aggregate.last_ns() - aggregate.first_ns() - summary.paused_ns;
  if (const std::uint64_t since = aggregate.open_pause_ns(); since != 0 && facts.end_ns > since)
    summary.paused_after_ns = facts.end_ns - since;
  const auto holders = aggregate.holders();
  for (const auto& fact : facts.locks) {
    LockStats lock = lock_stats(fact);
    for (const auto& holder : holders)
      if (holder.futex == lock.futex && holder.tgid == lock.tgid) lock.holders.push_back(holder);
    summary.locks.push_back(std::move(lock));
  }
  sort_by_wait(summary.locks);
  return summary;
}

}  // namespace plateau::attribution
