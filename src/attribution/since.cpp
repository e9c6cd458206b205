#include <algorithm>
#include <map>
#include <utility>

#include "attribution/facts_since.h"
#include "attribution/summary.h"

namespace plateau::attribution {
namespace {

RouteStats grown(const RouteStats& before, const RouteStats& now) {
  RouteStats d;
  d.method = now.method;
  d.route = now.route;
  d.count = now.count - before.count;
  for (std::size_t i = 0; i < d.by_class.size(); i++) d.by_class[i] = now.by_class[i] - before.by_class[i];
  d.latency_ns = now.latency_ns - before.latency_ns;
  for (std::size_t i = 0; i < kStages; i++) d.stage_ns[i] = now.stage_ns[i] - before.stage_ns[i];
  for (std::size_t i = 0; i < PL_PARKS; i++) d.parked_ns[i] = now.parked_ns[i] - before.parked_ns[i];
  d.bytes_in = now.bytes_in - before.bytes_in;
  d.bytes_out = now.bytes_out - before.bytes_out;
  d.calls_out = now.calls_out - before.calls_out;
  d.retransmits = now.retransmits - before.retransmits;
  d.latency = now.latency.since(before.latency);
  return d;
}

// A template that came up later takes the requests of its paths along: a route can shrink, and then its
// requests of this time cannot be told from the earlier ones.
bool can_grow(const RouteStats& before, const RouteStats& now) {
  return now.count >= before.count && now.latency_ns >= before.latency_ns;
}

std::vector<RouteStats> grown_routes(const Summary& before, const Summary& now) {
  std::map<std::pair<std::string, std::string>, const RouteStats*> known;
  for (const auto& route : before.routes) known[{route.method, route.route}] = &route;
  std::vector<RouteStats> routes;
  const RouteStats none;
  for (const auto& route : now.routes) {
    const auto found = known.find({route.method, route.route});
    const RouteStats& earlier = found == known.end() ? none : *found->second;
    if (can_grow(earlier, route) && route.count > earlier.count) routes.push_back(grown(earlier, route));
  }
  std::sort(routes.begin(), routes.end(), [](const RouteStats& a, const RouteStats& b) {
    return std::tie(b.count, a.route, a.method) < std::tie(a.count, b.route, b.method);
  });
  return routes;
}

std::vector<ThreadStats> grown_threads(const Summary& before, const Summary& now) {
  std::map<std::uint32_t, const ThreadStats*> known;
  for (const auto& thread : before.threads) known[thread.tid] = &thread;
  std::vector<ThreadStats> threads;
  for (ThreadStats thread : now.threads) {
    if (const auto found = known.find(thread.tid); found != known.end()) {
      thread.answered -= found->second->answered;
      thread.elapsed_ns -= found->second->elapsed_ns;
      thread.run_ns -= found->second->run_ns;
      thread.idle_ns -= found->second->idle_ns;
    }
    if (thread.answered) threads.push_back(thread);
  }
  std::sort(threads.begin(), threads.end(), [](const ThreadStats& a, const ThreadStats& b) {
    return std::tie(b.answered, a.tid) < std::tie(a.answered, b.tid);
  });
  return threads;
}

// Their holders are of all the time.
void grow_locks(Summary& window, const Summary& now) {
  std::map<std::pair<std::uint64_t, std::uint32_t>, const LockStats*> known;
  for (const auto& lock : now.locks) known[{lock.futex, lock.tgid}] = &lock;
  for (const auto& fact : window.facts.locks) {
    LockStats lock = lock_stats(fact);
    if (const auto found = known.find({fact.futex, fact.tgid}); found != known.end())
      lock.holders = found->second->holders;
    window.locks.push_back(std::move(lock));
  }
  sort_by_wait(window.locks);
}

}  // namespace

Summary since(const Summary& before, const Summary& now) {
  Summary window;
  window.facts = facts_since(before.facts, now.facts);
  window.coverage = now.coverage;
  window.total = grown(before.total, now.total);
  window.routes = grown_routes(before, now);
  window.threads = grown_threads(before, now);
  grow_locks(window, now);
  window.asked = since(before.asked, now.asked);
  window.collector = since(before.collector, now.collector);
  window.routes_overflowed = now.routes_overflowed - before.routes_overflowed;
  window.unmeasured = now.unmeasured - before.unmeasured;
  window.overcharged = now.overcharged - before.overcharged;
  window.paused_ns = window.facts.cost.paused_ns;
  const std::uint64_t all = window.facts.end_ns - window.facts.start_ns;
  window.paused_ns = std::min(window.paused_ns, all);
  window.interval_ns = all - window.paused_ns;
  return window;
}

}  // namespace plateau::attribution
