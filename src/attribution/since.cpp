#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "attribution/event_loops.h"
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

void grow_locks(Summary& window, const Summary& before, const Summary& now) {
  using Key = std::pair<std::uint64_t, std::uint32_t>;
  std::map<Key, pl_lock> known;
  std::map<Key, const LockStats*> stats;
  for (const auto& fact : before.facts.locks) known[{fact.futex, fact.tgid}] = fact.during;
  for (const auto& lock : now.locks) stats[{lock.futex, lock.tgid}] = &lock;
  window.facts.locks.clear();
  for (const auto& fact : now.facts.locks) {
    const Key key{fact.futex, fact.tgid};
    const pl_lock during = lock_growth(known[key], fact.during);
    if (during.waits == 0 && during.contended_ns == 0) continue;
    window.facts.locks.push_back({fact.futex, fact.tgid, during});
    LockStats lock = lock_stats(window.facts.locks.back());
    if (const auto found = stats.find(key); found != stats.end()) lock.holders = found->second->holders;
    window.locks.push_back(std::move(lock));
  }
  sort_by_wait(window.locks);
}

void grow_queues(wire::Facts& window, const wire::Facts& before) {
  for (auto& queue : window.accept_queues)
    for (const auto& earlier : before.accept_queues) {
      if (earlier.address != queue.address) continue;
      queue.looks -= std::min(queue.looks, earlier.looks);
      queue.full_looks -= std::min(queue.full_looks, earlier.full_looks);
      queue.drops -= std::min(queue.drops, earlier.drops);
    }
}

void grow_peers(wire::Facts& window, const wire::Facts& before) {
  window.lost_peer_calls -= std::min(window.lost_peer_calls, before.lost_peer_calls);
  for (auto& peer : window.peers)
    for (const auto& earlier : before.peers) {
      if (earlier.address != peer.address) continue;
      peer.calls -= std::min(peer.calls, earlier.calls);
      peer.answers -= std::min(peer.answers, earlier.answers);
      peer.answer_ns -= std::min(peer.answer_ns, earlier.answer_ns);
      peer.bytes_out -= std::min(peer.bytes_out, earlier.bytes_out);
      peer.bytes_in -= std::min(peer.bytes_in, earlier.bytes_in);
    }
}

void grow_send_path(wire::SendPathFact& window, const wire::SendPathFact& before) {
  window.looks -= std::min(window.looks, before.looks);
  window.busy_us -= std::min(window.busy_us, before.busy_us);
  window.receiver_limited_us -= std::min(window.receiver_limited_us, before.receiver_limited_us);
  window.buffer_limited_us -= std::min(window.buffer_limited_us, before.buffer_limited_us);
  window.bytes_acknowledged -= std::min(window.bytes_acknowledged, before.bytes_acknowledged);
  window.bytes_retransmitted -= std::min(window.bytes_retransmitted, before.bytes_retransmitted);
  window.round_trips -= std::min(window.round_trips, before.round_trips);
  window.round_trip_sum_us -= std::min(window.round_trip_sum_us, before.round_trip_sum_us);
}

void subtract(std::uint64_t& sum, std::uint64_t earlier) {
  sum -= std::min(sum, earlier);
}

void subtract(wire::LoopFact& loop, const wire::LoopFact& earlier) {
  subtract(loop.elapsed_ns, earlier.elapsed_ns);
  subtract(loop.waits, earlier.waits);
  subtract(loop.wait_ns, earlier.wait_ns);
  subtract(loop.waiting_ns, earlier.waiting_ns);
  subtract(loop.run_ns, earlier.run_ns);
  subtract(loop.runqueue_ns, earlier.runqueue_ns);
  const std::size_t buckets = std::min(loop.buckets.size(), earlier.buckets.size());
  for (std::size_t i = 0; i < buckets; i++) subtract(loop.buckets[i], earlier.buckets[i]);
}

// Who keeps its account: a thread, or all threads of a kind that are not told one by one.
using LoopKey = std::tuple<std::uint32_t, std::uint32_t, std::string>;
LoopKey key_of(const wire::LoopFact& loop) {
  if (loop.tid) return {loop.tgid, loop.tid, ""};
  return {0, 0, loop.thread};
}

// Threads that have ended since take what they had by then along to those of their kind. One that is told by
// itself only now, and is older than the window, had an unknown part of it before.
void grow_loops(wire::Facts& window, const wire::Facts& before) {
  std::map<LoopKey, wire::LoopFact> earlier;
  std::set<LoopKey> now;
  for (const auto& loop : window.loops) now.insert(key_of(loop));
  for (wire::LoopFact loop : before.loops) {
    if (!now.contains(key_of(loop))) {
      loop.thread = thread_kind(loop.thread);
      loop.tid = 0;
    }
    const auto [at, fresh] = earlier.try_emplace(key_of(loop), loop);
    if (!fresh) add_loop(at->second, loop);
  }
  const std::uint64_t length = window.end_ns - before.end_ns;
  std::erase_if(window.loops, [&](wire::LoopFact& loop) {
    const auto known = earlier.find(key_of(loop));
    if (known == earlier.end()) return loop.tid && loop.elapsed_ns > length;
    subtract(loop, known->second);
    return loop.elapsed_ns == 0;
  });
}

double elapsed(const wire::Facts& facts) {
  return static_cast<double>(facts.end_ns - facts.start_ns);
}

void grow_facts(wire::Facts& window, const wire::Facts& before) {
  const double all = elapsed(window), earlier = elapsed(before);
  if (all > earlier)
    window.machine_busy =
        std::clamp((window.machine_busy * all - before.machine_busy * earlier) / (all - earlier), 0.0, 1.0);
  window.target_cpu_s -= before.target_cpu_s;
  window.cost.agent_cpu_s -= before.cost.agent_cpu_s;
  window.cost.paused_ns -= before.cost.paused_ns;
  for (std::size_t i = 0; i < window.counters.size(); i++) window.counters[i] -= before.counters[i];
  grow_queues(window, before);
  grow_peers(window, before);
  grow_send_path(window.send_path, before.send_path);
  grow_loops(window, before);
  window.start_ns = before.end_ns;
}

}  // namespace

Summary since(const Summary& before, const Summary& now) {
  Summary window;
  window.facts = now.facts;
  grow_facts(window.facts, before.facts);
  window.coverage = now.coverage;
  window.total = grown(before.total, now.total);
  window.routes = grown_routes(before, now);
  window.threads = grown_threads(before, now);
  grow_locks(window, before, now);
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
