#include "sink/metrics.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "attribution/data_path.h"
#include "attribution/event_loops.h"
#include "attribution/kernel_locks.h"
#include "model/verdict.h"
#include "sink/metric_set.h"

namespace plateau::sink {
namespace {

using attribution::kLatencyBoundsNs;
using attribution::RouteStats;
using attribution::Summary;

// By request::Framing and request::Outcome.
constexpr std::array<std::string_view, 3> kFramings{"exact", "inferred", "unknown"};
constexpr std::array<std::string_view, 3> kOutcomes{"answered", "cut", "unanswered"};

double number(std::uint64_t n) {
  return static_cast<double>(n);
}

double seconds(std::uint64_t ns) {
  return static_cast<double>(ns) / 1e9;
}

std::string status_label(int status) {
  if (status == attribution::kOtherStatus) return "other";
  return status ? std::to_string(status) : "";
}

MetricSet::Histogram histogram_of(const attribution::StatusStats& stats) {
  MetricSet::Histogram histogram;
  histogram.sample_count = stats.count;
  histogram.sample_sum = seconds(stats.latency_ns);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kLatencyBoundsNs.size(); i++)
    histogram.bucket.push_back({sum += stats.buckets[i], seconds(kLatencyBoundsNs[i])});
  histogram.bucket.push_back({stats.count, std::numeric_limits<double>::infinity()});
  return histogram;
}

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::vector<Exemplar> exemplars_of(const attribution::StatusStats& stats, std::int64_t realtime_offset_ns) {
  std::vector<Exemplar> exemplars;
  for (const auto& example : stats.traces) {
    const auto unix_ns = static_cast<std::int64_t>(example.end_ns) + realtime_offset_ns;
    exemplars.push_back({example.end_ns ? hexadecimal(example.trace) : "", seconds(example.latency_ns),
                         static_cast<double>(unix_ns) / 1e9});
  }
  return exemplars;
}

void add_route(MetricSet& set, const RouteStats& route, std::int64_t realtime_offset_ns) {
  for (const auto& stats : route.statuses) {
    const std::string status = status_label(stats.status);
    set.add(Metric::request_duration, histogram_of(stats), {route.method, route.route, status});
    if (!stats.traces.empty())
      set.add(exemplars_of(stats, realtime_offset_ns), {route.method, route.route, status});
  }
  for (std::size_t i = 0; i < attribution::kStages; i++)
    set.add(Metric::stage_seconds, seconds(route.stage_ns[i]), {attribution::kStageNames[i], route.route});
  for (std::size_t i = 0; i < PL_PARKS && attribution::is_told(route.parked_ns); i++)
    set.add(Metric::parked_seconds, seconds(route.parked_ns[i]), {attribution::kParkNames[i], route.route});
  set.add(Metric::request_bytes, number(route.bytes_in), {route.route});
  set.add(Metric::response_bytes, number(route.bytes_out), {route.route});
  set.add(Metric::response_calls, number(route.calls_out), {route.route});
  set.add(Metric::retransmits, number(route.retransmits), {route.route});
}

void add_requests(MetricSet& set, const Summary& s) {
  for (std::size_t i = 0; i < kFramings.size(); i++)
    for (std::size_t k = 0; k < kOutcomes.size(); k++)
      set.add(Metric::requests, number(s.total.by_kind[i][k]), {kFramings[i], kOutcomes[k]});
  set.add(Metric::requests_partial, number(s.coverage.partial));
  set.add(Metric::requests_unmeasured, number(s.unmeasured));
  set.add(Metric::requests_overcharged, number(s.overcharged));
  set.add(Metric::requests_route_overflow, number(s.routes_overflowed));
  for (const auto& route : s.routes) add_route(set, route, s.facts.realtime_offset_ns);
}

void add_collector(MetricSet& set, const attribution::CollectorStats& collector) {
  if (!collector.known()) return;
  set.add(Metric::gc_pauses, number(collector.pauses));
  set.add(Metric::gc_pause_seconds, seconds(collector.pause_ns));
  set.add(Metric::gc_longest_pause, seconds(collector.longest_ns));
  // What is not known of any request is not 0.
  if (collector.requests) set.add(Metric::request_gc_pause_seconds, seconds(collector.request_pause_ns));
  if (collector.assist_requests) set.add(Metric::request_gc_assist_seconds, seconds(collector.assist_ns));
}

void add_locks(MetricSet& set, const std::vector<LockSeries>& locks) {
  for (const auto& lock : locks) {
    const MetricSet::Values labels{lock.lock, lock.pid, lock.holder};
    set.add(Metric::lock_wait_seconds, seconds(lock.wait_ns), labels);
    set.add(Metric::lock_request_wait_seconds, seconds(lock.request_wait_ns), labels);
    set.add(Metric::lock_waits, number(lock.waits), labels);
    set.add(Metric::lock_handovers, number(lock.handovers), labels);
  }
}

void add_kernel_locks(MetricSet& set, const wire::Facts& facts) {
  for (const auto& lock : attribution::kernel_lock_waits(facts))
    for (const auto& [name, waits, ns] : lock.classes) {
      set.add(Metric::kernel_lock_wait_seconds, seconds(ns), {lock.kind, name});
      set.add(Metric::kernel_lock_waits, number(waits), {lock.kind, name});
    }
}

void add_connections(MetricSet& set, const wire::Facts& facts) {
  set.add(Metric::connections_opened, number(facts.counters[PL_COUNT_CONNS_OPENED]));
  set.add(Metric::connections_closed, number(facts.counters[PL_COUNT_CONNS_CLOSED]));
  set.add(Metric::downstream_bytes, number(facts.counters[PL_COUNT_DOWNSTREAM_BYTES]));
  for (const auto& peer : facts.peers) {
    set.add(Metric::downstream_calls, number(peer.calls), {peer.address});
    set.add(Metric::downstream_answers, number(peer.answers), {peer.address});
    set.add(Metric::downstream_seconds, seconds(peer.answer_ns), {peer.address});
  }
  if (facts.lost_peer_calls) set.add(Metric::downstream_calls, number(facts.lost_peer_calls), {"other"});
  for (const auto& path : attribution::path_bytes(facts))
    set.add(Metric::sent_bytes, number(path.bytes), {std::string(path.path)});
}

void add_copies(MetricSet& set, const attribution::CopyTimes& copies) {
  if (copies.in_ns) set.add(Metric::copy_seconds, seconds(copies.in_ns), {"in", "receive"});
  for (std::size_t i = 0; i < copies.out_ns.size(); i++)
    if (copies.out_ns[i])
      set.add(Metric::copy_seconds, seconds(copies.out_ns[i]),
              {"out", std::string(i < PL_PATHS ? attribution::kPathNames[i] : "unknown")});
}

void add_bypasses(MetricSet& set, const wire::ViewFact& view) {
  std::map<std::pair<std::string_view, bool>, std::uint64_t> counts;
  for (const auto& bypass : view.bypasses) counts[{bypass.kind, bypass.possible}] += bypass.count;
  for (const auto& [key, count] : counts)
    set.add(Metric::bypasses, number(count), {key.first, key.second ? "no" : "yes"});
}

void add_accept_queues(MetricSet& set, const wire::Facts& facts) {
  for (const auto& queue : facts.accept_queues) {
    set.add(Metric::accept_queue_length, queue.length, {queue.address});
    set.add(Metric::accept_queue_longest, queue.longest, {queue.address});
    set.add(Metric::accept_queue_limit, queue.backlog, {queue.address});
    set.add(Metric::accept_queue_drops, number(queue.drops), {queue.address});
  }
  set.add(Metric::listen_events, number(facts.backlog.overflows), {"overflow"});
  set.add(Metric::listen_events, number(facts.backlog.drops), {"drop"});
  set.add(Metric::listen_events, number(facts.backlog.request_drops), {"request_drop"});
  set.add(Metric::listen_events, number(facts.backlog.cookies), {"cookie"});
}

void add_send_path(MetricSet& set, const wire::Facts& facts) {
  const wire::SendPathFact& path = facts.send_path;
  if (path.looks == 0) return;
  set.add(Metric::send_busy_seconds, seconds(path.busy_us * 1'000));
  set.add(Metric::send_limited_seconds, seconds(path.receiver_limited_us * 1'000), {"receiver_window"});
  set.add(Metric::send_limited_seconds, seconds(path.buffer_limited_us * 1'000), {"send_buffer"});
  if (path.round_trips)
    set.add(Metric::send_round_trip, seconds(path.round_trip_sum_us * 1'000 / path.round_trips));
  set.add(Metric::retransmitted_bytes, number(path.bytes_retransmitted));
  set.add(Metric::ktls_connections, number(attribution::ktls_connections(facts)));
}

// Two powers of two of a sleep's length in each.
MetricSet::Histogram histogram_of(const wire::LoopFact& loop) {
  constexpr unsigned kStep = 8;
  MetricSet::Histogram histogram;
  histogram.sample_sum = seconds(loop.wait_ns);
  std::uint64_t sum = 0;
  for (unsigned i = 0; i < PL_LOOP_BUCKETS; i++) {
    if (i < loop.buckets.size()) sum += loop.buckets[i];
    if (i % kStep == kStep - 1) histogram.bucket.push_back({sum, seconds(PL_LOOP_BOUND(i + 1))});
  }
  histogram.sample_count = std::max(sum, loop.waits);  // which was read a moment earlier
  histogram.bucket.push_back({histogram.sample_count, std::numeric_limits<double>::infinity()});
  return histogram;
}

void add_loops(MetricSet& set, const std::vector<wire::LoopFact>& loops) {
  for (const auto& loop : loops) {
    const std::string kind = attribution::thread_kind(loop.thread);
    const std::uint64_t told = loop.waiting_ns + loop.run_ns + loop.runqueue_ns;
    set.add(Metric::loop_waits, histogram_of(loop), {kind});
    set.add(Metric::loop_seconds, seconds(loop.waiting_ns), {kind, "waiting"});
    set.add(Metric::loop_seconds, seconds(loop.run_ns), {kind, "running"});
    set.add(Metric::loop_seconds, seconds(loop.runqueue_ns), {kind, "runnable"});
    set.add(Metric::loop_seconds, seconds(loop.elapsed_ns > told ? loop.elapsed_ns - told : 0),
            {kind, "other"});
  }
}

void add_coverage(MetricSet& set, const attribution::Coverage& coverage) {
  set.add(Metric::coverage, coverage.requests(), {"requests"});
  set.add(Metric::coverage, coverage.bytes(), {"bytes"});
  set.add(Metric::lost_requests, number(coverage.lost_requests()));
  for (const auto& loss : coverage.losses) set.add(Metric::lost, number(loss.count), {loss.cause});
}

// Of several locks held by the same function the one that binds first is shown.
void add_ceilings(MetricSet& set, const Summary& summary) {
  for (const auto& ceiling : model::judge(summary).ceilings) {
    const MetricSet::Values labels{model::resource_name(ceiling.resource), ceiling.holder};
    set.add(Metric::ceiling, ceiling.per_second, labels);
    set.add(Metric::ceiling_utilisation, ceiling.utilisation, labels);
  }
}

void add_target(MetricSet& set, const wire::Facts& facts, const std::vector<TargetState>& targets) {
  for (const auto& target : targets)
    set.add(Metric::target_up, target.up ? 1 : 0, {std::to_string(target.pid)});
  set.add(Metric::target_info, 1,
          {facts.comm, facts.runtime, facts.listening.empty() ? std::string() : facts.listening.front()});
  set.add(Metric::target_cpu_seconds, facts.target_cpu_s);
  set.add(Metric::target_processes, facts.processes);
  set.add(Metric::target_threads, facts.threads);
}

void add_agent(MetricSet& set, const wire::Facts& facts) {
  const auto& cost = facts.cost;
  set.add(Metric::agent_cpu_seconds, cost.agent_cpu_s);
  set.add(Metric::agent_memory, number(cost.agent_rss_bytes));
  if (cost.window_requests)
    set.add(Metric::probe_seconds, seconds(cost.window_run_ns) / number(cost.window_requests));
  set.add(Metric::probe_cost, cost.bound, {"bound"});
  if (cost.full > 0) set.add(Metric::probe_cost, cost.full, {"full"});
  set.add(Metric::paused_seconds, seconds(cost.paused_ns));
  for (const auto& provider : facts.providers)
    set.add(Metric::provider_info, 1, {provider.signal, provider.provider});
  const auto start =
      static_cast<double>(static_cast<std::int64_t>(facts.start_ns) + facts.realtime_offset_ns);
  set.add(Metric::attach_start, start / 1e9);
}

void add_exporter(MetricSet& set, std::uint64_t scrape_timeouts) {
  set.add(Metric::scrape_timeouts, number(scrape_timeouts));
  set.add(Metric::build_info, 1, {PLATEAU_VERSION});
}

void add_snapshot(MetricSet& set, const MetricsSnapshot& snapshot, const std::vector<LockSeries>& locks) {
  add_requests(set, snapshot.summary);
  add_collector(set, snapshot.summary.collector);
  add_locks(set, locks);
  add_kernel_locks(set, snapshot.summary.facts);
  add_connections(set, snapshot.summary.facts);
  add_copies(set, snapshot.summary.copies);
  add_bypasses(set, snapshot.summary.facts.view);
  add_accept_queues(set, snapshot.summary.facts);
  add_send_path(set, snapshot.summary.facts);
  add_loops(set, snapshot.summary.facts.loops);
  add_coverage(set, snapshot.summary.coverage);
  add_ceilings(set, snapshot.summary);
  add_target(set, snapshot.summary.facts, snapshot.targets);
  add_agent(set, snapshot.summary.facts);
}

}  // namespace

Scrape scrape_of(const MetricsSnapshot& snapshot, const std::vector<LockSeries>& locks,
                 std::uint64_t scrape_timeouts) {
  MetricSet set;
  add_snapshot(set, snapshot, locks);
  add_exporter(set, scrape_timeouts);
  return {set.families(), set.exemplars()};
}

std::vector<prometheus::MetricFamily> metrics_of(const MetricsSnapshot& snapshot,
                                                 const std::vector<LockSeries>& locks,
                                                 std::uint64_t scrape_timeouts) {
  return scrape_of(snapshot, locks, scrape_timeouts).families;
}

Scrape MetricsCollector::scrape() const {
  scrapes_++;
  return gather();
}

Scrape MetricsCollector::gather() const {
  MetricSet set;
  if (const auto snapshot = fetch_()) {
    std::vector<LockSeries> locks;
    {
      const std::lock_guard lock(mutex_);
      locks = locks_.update(snapshot->summary.locks);
    }
    add_snapshot(set, *snapshot, locks);
  } else {
    timeouts_++;
  }
  add_exporter(set, timeouts_);
  for (const auto& extra : extras_) extra(set);
  {
    const std::lock_guard lock(mutex_);
    counters_.update(set);
  }
  return {set.families(), set.exemplars()};
}

}  // namespace plateau::sink
