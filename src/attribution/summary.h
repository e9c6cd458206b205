// The result of a capture: what every report, metric and model is made from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "attribution/aggregate.h"
#include "attribution/coverage.h"
#include "request/counters.h"
#include "wire/facts.h"

namespace plateau::attribution {

// A user-space lock on which threads of the target slept.
struct LockStats {
  std::uint64_t futex = 0;  // user address
  std::uint32_t tgid = 0;
  std::uint64_t waits = 0;
  std::uint64_t wait_ns = 0;     // sum
  std::uint64_t owed_waits = 0;  // by threads that owed an answer
  std::uint64_t owed_wait_ns = 0;
  std::uint64_t handovers = 0;
  std::uint64_t service_ns = 0;    // mean time from being woken with the lock to passing it on; 0: never seen
  std::uint64_t contended_ns = 0;  // time with somebody waiting
  std::vector<HolderStats> holders;  // by falling weight

  // A lock is passed on by those who waited for it; a condition variable or a queue is signalled by others.
  bool is_mutex() const { return service_ns != 0; }
  // Those who end the waits call a condition variable's or a semaphore's function for it, as far as it was
  // seen.
  bool is_signalled() const;
};

// Its holders are not among what the kernel counts.
LockStats lock_stats(const wire::LockFact& fact);
// What came to a lock's sums between two readings; the rest is `now`'s.
pl_lock lock_growth(const pl_lock& before, pl_lock now);
// By falling wait owed to requests, then by falling wait.
void sort_by_wait(std::vector<LockStats>& locks);

struct Summary {
  wire::Facts facts;
  Coverage coverage;
  RouteStats total;
  std::vector<RouteStats> routes;
  Insight insight;
  std::vector<ThreadStats> threads;
  std::vector<LockStats> locks;  // sort_by_wait()
  CollectorStats collector;      // Go's
  AskedStats asked;
  CopyTimes copies;
  std::uint64_t routes_overflowed = 0;
  std::uint64_t unmeasured = 0;   // requests whose arrival was not seen: in no figure but the coverage's
  std::uint64_t overcharged = 0;  // requests whose stages had to be scaled down
  std::uint64_t interval_ns = 0;  // from the first request's readiness to the last one's end, pauses left out
  std::uint64_t paused_ns = 0;    // time between them in which nobody looked at requests
  // The same after the last one, where the capture ended in a pause: the load is taken to have gone on.
  std::uint64_t paused_after_ns = 0;

  // From the first request to the last.
  std::uint64_t span_ns() const { return interval_ns + paused_ns; }
  // The time with load: what counters of locks and CPU time, which run in pauses too, are to be seen over.
  std::uint64_t loaded_ns() const { return span_ns() + paused_after_ns; }
  // Share of that time in which requests were looked at, 0…1.
  double watched() const {
    return paused_ns ? static_cast<double>(interval_ns) / static_cast<double>(span_ns()) : 1;
  }
  // Requests of the whole span, as many as there were at the rate that was seen.
  double requests() const { return static_cast<double>(total.count + unmeasured) / watched(); }

  double throughput() const {  // requests/s
    return interval_ns
               ? static_cast<double>(total.count + unmeasured) * 1e9 / static_cast<double>(interval_ns)
               : 0;
  }
  // Mean number of requests inside the server: Little's law, L = X R.
  double concurrency() const {
    return interval_ns ? static_cast<double>(total.latency_ns) / static_cast<double>(interval_ns) : 0;
  }
};

Summary summarise(const Aggregate& aggregate, const wire::Facts& facts, const request::Counters& counters,
                  std::uint64_t malformed_records);

// What came to pass from one summary of a capture to a later one, as a summary of its own: counts, sums and
// percentiles are of that time, so are locks and threads. Holders, coverage and what was seen once are of the
// whole capture, and there is no insight.
Summary since(const Summary& before, const Summary& now);

// The frame to name as a lock's holder: the innermost one that is not the lock's own code.
std::string holder_function(const HolderStats& holder);

}  // namespace plateau::attribution
