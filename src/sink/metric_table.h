// Every metric that Plateau exports, one row each. docs/metrics.md shows the same table, and a test holds the
// two against each other.
#pragma once

#include <prometheus/metric_type.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace plateau::sink {

enum class Metric : std::uint8_t {
  request_duration,
  stage_seconds,
  parked_seconds,
  requests,
  requests_partial,
  requests_unmeasured,
  requests_overcharged,
  requests_route_overflow,
  request_bytes,
  response_bytes,
  response_calls,
  retransmits,
  gc_pauses,
  gc_pause_seconds,
  gc_longest_pause,
  request_gc_pause_seconds,
  request_gc_assist_seconds,
  lock_wait_seconds,
  lock_request_wait_seconds,
  lock_waits,
  lock_handovers,
  kernel_lock_wait_seconds,
  kernel_lock_waits,
  connections_opened,
  connections_closed,
  downstream_bytes,
  downstream_calls,
  downstream_answers,
  downstream_seconds,
  sent_bytes,
  copy_seconds,
  bypasses,
  accept_queue_length,
  accept_queue_longest,
  accept_queue_limit,
  accept_queue_drops,
  listen_events,
  send_busy_seconds,
  send_limited_seconds,
  send_round_trip,
  retransmitted_bytes,
  ktls_connections,
  loop_waits,
  loop_seconds,
  coverage,
  lost_requests,
  lost,
  ceiling,
  ceiling_utilisation,
  target_up,
  target_info,
  target_cpu_seconds,
  target_processes,
  target_threads,
  agent_cpu_seconds,
  agent_memory,
  probe_seconds,
  probe_cost,
  paused_seconds,
  provider_info,
  attach_start,
  scrape_timeouts,
  web_requests,
  web_evicted,
  web_denied,
  otlp_sent,
  otlp_dropped,
  otlp_retries,
  otlp_queue,
  build_info,
};

inline constexpr std::size_t kMetrics = static_cast<std::size_t>(Metric::build_info) + 1;

struct MetricInfo {
  std::string_view name;
  prometheus::MetricType type;
  std::array<std::string_view, 3> labels;  // empty: no more
  std::string_view help;
};

// In the order of the enumeration.
std::span<const MetricInfo, kMetrics> metric_table();

const MetricInfo& info(Metric metric);

}  // namespace plateau::sink
