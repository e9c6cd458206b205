#include "attribution/facts_since.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "attribution/event_loops.h"
#include "attribution/summary.h"

namespace plateau::attribution {
namespace {

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

void grow_kernel_locks(wire::Facts& window, const wire::Facts& before) {
  for (auto& lock : window.kernel_locks)
    for (const auto& earlier : before.kernel_locks) {
      if (earlier.kind != lock.kind || earlier.stack_class != lock.stack_class) continue;
      lock.waits -= std::min(lock.waits, earlier.waits);
      lock.wait_ns -= std::min(lock.wait_ns, earlier.wait_ns);
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

double elapsed(const wire::Facts& facts) {
  return static_cast<double>(facts.end_ns - facts.start_ns);
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
    // By now another thread may have the number.
    const bool another = loop.tid && known->second.elapsed_ns > loop.elapsed_ns;
    if (!another) subtract(loop, known->second);
    return loop.elapsed_ns == 0;
  });
}

void grow_locks(wire::Facts& window, const wire::Facts& before) {
  std::map<std::pair<std::uint64_t, std::uint32_t>, pl_lock> known;
  for (const auto& fact : before.locks) known[{fact.futex, fact.tgid}] = fact.during;
  std::vector<wire::LockFact> grown;
  for (const auto& fact : window.locks) {
    const pl_lock during = lock_growth(known[{fact.futex, fact.tgid}], fact.during);
    if (during.waits != 0 || during.contended_ns != 0) grown.push_back({fact.futex, fact.tgid, during});
  }
  window.locks = std::move(grown);
}

}  // namespace

wire::Facts facts_since(const wire::Facts& before, wire::Facts window) {
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
  grow_kernel_locks(window, before);
  grow_send_path(window.send_path, before.send_path);
  grow_loops(window, before);
  grow_locks(window, before);
  window.start_ns = before.end_ns;
  return window;
}

}  // namespace plateau::attribution
