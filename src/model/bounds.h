// Bounds on throughput and response time that need no solver and hold for every load.
//
// Asymptotic bounds (Muntz and Wong 1974; Lazowska et al. 1984, section 5.2): hold for any distributions.
// Balanced job bounds (Zahorjan, Sevcik, Eager, Galler: Balanced Job Bound Analysis of Queueing Networks,
// CACM 25(2), 1982; Lazowska et al., section 5.4): tighter, for product-form networks of single servers.
//
// A station of m servers with demand D enters with its capacity m/D and with D as the time without waiting.
// Times in seconds, rates per second.
#pragma once

#include "base/result.h"
#include "model/network.h"

namespace plateau::model {

struct Bounds {
  double throughput_low = 0;
  double throughput_high = 0;  // infinite where nothing limits it
  double response_low = 0;
  double response_high = 0;  // infinite for an open network: no upper bound exists
};

// For `customers` >= 1 customers. The lower bound of the throughput has every customer wait for all others at
// every queue.
Result<Bounds> asymptotic_bounds(const ClosedNetwork& network, unsigned customers);

// The asymptotic bounds, narrowed as if the load were spread evenly over all queues (best) or over as many
// queues like the busiest one as the total demand makes (worst). Fails on stations with several servers or
// with rates.
Result<Bounds> balanced_job_bounds(const ClosedNetwork& network, unsigned customers);

// For arrivals at `rate` requests/s: the throughput is at most the capacity.
Result<Bounds> open_bounds(const std::vector<Station>& stations, double rate);

// N*, the number of customers from which some of them must wait: (D + Z) X_max. Infinite if nothing limits
// the throughput.
double saturation_point(const ClosedNetwork& network);

}  // namespace plateau::model
