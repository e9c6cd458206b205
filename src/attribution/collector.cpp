#include "attribution/collector.h"

#include <algorithm>

namespace plateau::attribution {

void CollectorStats::add(const pl_stop& stop) {
  const auto cause = PL_STOP_CAUSE(stop.cause);
  processes += cause == PL_STOP_WATCHED;
  if (stop.to_ns == 0 || cause == PL_STOP_WATCHED) return;
  const std::uint64_t ns = stop.to_ns - stop.from_ns;
  if (cause == PL_STOP_OTHER) {
    other_stops++;
    other_ns += ns;
    return;
  }
  pauses++;
  pause_ns += ns;
  longest_ns = std::max(longest_ns, ns);
}

void CollectorStats::add(const request::Request& request, std::uint64_t latency_ns, std::uint64_t cpu) {
  if (request.gc_pause_known) {
    requests++;
    held += request.gc_pause_ns != 0;
    request_ns += latency_ns;
    request_pause_ns += request.gc_pause_ns;
  }
  if (!request.gc_assist_known) return;
  assist_requests++;
  assist_ns += request.gc_assist_ns;
  cpu_ns += cpu;
}

CollectorStats since(const CollectorStats& before, CollectorStats now) {
  now.pauses -= before.pauses;
  now.pause_ns -= before.pause_ns;
  now.other_stops -= before.other_stops;
  now.other_ns -= before.other_ns;
  now.requests -= before.requests;
  now.held -= before.held;
  now.request_ns -= before.request_ns;
  now.request_pause_ns -= before.request_pause_ns;
  now.assist_requests -= before.assist_requests;
  now.assist_ns -= before.assist_ns;
  now.cpu_ns -= before.cpu_ns;
  return now;
}

}  // namespace plateau::attribution
