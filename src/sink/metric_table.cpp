#include "sink/metric_table.h"

namespace plateau::sink {
namespace {

using Type = prometheus::MetricType;

constexpr std::array<MetricInfo, kMetrics> kTable{{
    {"http_server_request_duration_seconds", Type::Histogram,
     {"http_request_method", "http_route", "http_response_status_code"},
     "Time from a request's first byte ready in the server's socket to its last response byte accepted by the kernel."},
    {"plateau_request_stage_seconds_total", Type::Counter, {"stage", "http_route"},
     "Requests' time by stage; the stages of a route add up to its requests' latencies."},
    {"plateau_requests_total", Type::Counter, {"framing", "outcome"},
     "Requests, by how their extent is known and by how they ended."},
    {"plateau_requests_partial_total", Type::Counter, {},
     "Requests that came first on a connection that was open before Plateau was attached."},
    {"plateau_requests_unmeasured_total", Type::Counter, {},
     "Requests whose arrival was not seen; they are in no other metric of requests."},
    {"plateau_requests_overcharged_total", Type::Counter, {},
     "Requests whose stages added up to more than their latency and were scaled down to it."},
    {"plateau_requests_route_overflow_total", Type::Counter, {},
     "Requests counted under the route other because there were too many routes."},
    {"plateau_request_bytes_total", Type::Counter, {"http_route"}, "Bytes received in requests, heads included."},
    {"plateau_response_bytes_total", Type::Counter, {"http_route"}, "Bytes sent in responses, heads included."},
    {"plateau_response_calls_total", Type::Counter, {"http_route"}, "System calls that sent responses."},
    {"plateau_retransmits_total", Type::Counter, {"http_route"}, "TCP segments sent again during requests."},
    {"plateau_lock_wait_seconds_total", Type::Counter, {"lock", "pid", "holder"},
     "Time that threads slept on a user-space lock, by its address and by the function that mostly holds it."},
    {"plateau_lock_request_wait_seconds_total", Type::Counter, {"lock", "pid", "holder"},
     "Of that, time in which the sleeping thread owed an answer to a request."},
    {"plateau_lock_waits_total", Type::Counter, {"lock", "pid", "holder"}, "Sleeps on a user-space lock."},
    {"plateau_lock_handovers_total", Type::Counter, {"lock", "pid", "holder"},
     "Sleeps on a user-space lock that another thread of the target ended."},
    {"plateau_connections_opened_total", Type::Counter, {}, "Connections to the target that were accepted or found open."},
    {"plateau_connections_closed_total", Type::Counter, {}, "Connections to the target that ended."},
    {"plateau_downstream_bytes_total", Type::Counter, {},
     "Bytes moved on connections that the target opened, both ways."},
    {"plateau_coverage_ratio", Type::Gauge, {"kind"},
     "Share of the target's requests explained and of its bytes seen since the attach, 0 to 1."},
    {"plateau_lost_total", Type::Counter, {"cause"}, "What was lost on the way or could not be followed, by cause."},
    {"plateau_ceiling_requests_per_second", Type::Gauge, {"resource", "holder"},
     "Throughput at which a resource would be used up, from what was measured since the attach."},
    {"plateau_ceiling_utilisation_ratio", Type::Gauge, {"resource", "holder"},
     "Share of the time since the attach in which the resource was in use, 0 to 1."},
    {"plateau_target_up", Type::Gauge, {"pid"}, "1 while the process that was asked for runs."},
    {"plateau_target_cpu_seconds_total", Type::Counter, {},
     "User and system time of the target's processes since the attach."},
    {"plateau_target_processes", Type::Gauge, {}, "Processes of the target."},
    {"plateau_target_threads", Type::Gauge, {}, "Threads of the target's processes."},
    {"plateau_agent_cpu_seconds_total", Type::Counter, {}, "User and system time of Plateau itself since the attach."},
    {"plateau_agent_resident_memory_bytes", Type::Gauge, {}, "Resident memory of Plateau itself."},
    {"plateau_probe_seconds_per_request", Type::Gauge, {},
     "Run time of the probes for a request, measured over a short window after the attach."},
    {"plateau_provider_info", Type::Gauge, {"signal", "provider"}, "1 for the way in which the kernel gives a signal."},
    {"plateau_attach_start_time_seconds", Type::Gauge, {}, "Unix time at which the probes went live."},
    {"plateau_scrape_timeouts_total", Type::Counter, {},
     "Scrapes that no snapshot came for in time; they show little else than this."},
    {"plateau_build_info", Type::Gauge, {"version"}, "1 for the version of Plateau."},
}};

}  // namespace

std::span<const MetricInfo, kMetrics> metric_table() {
  return kTable;
}

const MetricInfo& info(Metric metric) {
  return kTable[static_cast<std::size_t>(metric)];
}

}  // namespace plateau::sink
