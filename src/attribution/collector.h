// What Go's garbage collector did to the requests: its pauses, and the marking that goroutines assist with.
#pragma once

#include <cstdint>

#include "request/request.h"
#include "wire/event.h"

namespace plateau::attribution {

struct CollectorStats {
  std::uint64_t processes = 0;  // whose stops of the world were told
  std::uint64_t pauses = 0;     // stops of the world by the collector, ended
  std::uint64_t pause_ns = 0;   // their sum
  std::uint64_t longest_ns = 0;
  std::uint64_t other_stops = 0;  // by others: ReadMemStats, a profile …
  std::uint64_t other_ns = 0;
  // Of requests of which the pauses within their time are known.
  std::uint64_t requests = 0;
  std::uint64_t held = 0;              // with a pause in it
  std::uint64_t request_ns = 0;        // their latencies, their sum
  std::uint64_t request_pause_ns = 0;  // pauses within them, likewise
  // Of requests whose assists were looked for.
  std::uint64_t assist_requests = 0;
  std::uint64_t assist_ns = 0;  // CPU time, sampled
  std::uint64_t cpu_ns = 0;     // all of their stage `cpu`

  bool known() const { return processes != 0 || requests != 0; }

  void add(const pl_stop& stop);
  void add(const request::Request& request, std::uint64_t latency_ns, std::uint64_t cpu_ns);
};

// What came to it; the longest pause is of the whole.
CollectorStats since(const CollectorStats& before, CollectorStats now);

}  // namespace plateau::attribution
