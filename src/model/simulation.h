// Deterministic discrete-event simulation of requests that pass pools of servers: the predictor of
// percentiles, and of means where the network has no product form (service that is not exponential, a
// resource held while another is used).
//
// A request's way is a list of steps: seize a server of a pool (first come, first served, the preferred
// before the others), hold for a random time, release. A thread, a lock, a CPU and a downstream connection
// are all pools. Times in seconds, rates per second. The same plan and seed give the same result everywhere.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace plateau::model {

enum class LaneChoice {
  by_customer,  // each customer always comes to the same one
  random,       // evenly, anew each time
};

// `lanes` separate queues before `servers` servers each.
struct Pool {
  std::string name;
  unsigned servers = 1;
  unsigned lanes = 1;
  LaneChoice choice = LaneChoice::random;
};

struct Step {
  enum class Kind { seize, hold, release };
  Kind kind = Kind::hold;
  std::size_t pool = 0;  // of seize and release
  double mean = 0;       // s, of hold
  double scv = 1;        // of hold: variance over mean squared
  bool first = false;    // of seize: served before those that wait without it
};

struct SimulationPlan {
  std::vector<Pool> pools;
  std::vector<Step> request;  // counts as the response time
  std::vector<Step> between;  // after the answer, before the customer thinks
  unsigned customers = 0;     // closed load; 0: open
  double think = 0;           // s, mean, of a closed load
  double think_scv = 1;
  double rate = 0;  // arrivals/s of an open load, Poisson
};

struct SimulationOptions {
  std::uint64_t seed = 1;
  std::uint32_t warm_up = 10'000;  // completions left out; at least 5 for each customer
  std::uint32_t completions = 100'000;
  std::uint32_t most_inside = 200'000;  // of an open load: beyond it there is no steady state
};

struct PoolUse {
  double utilisation = 0;  // of each server, 0…1
  double queue = 0;        // mean number waiting, all lanes together
};

struct SimulationResult {
  bool steady =
      true;  // false: the queue of an open load grew beyond `most_inside`, and the rest is of no use
  double throughput = 0;
  double throughput_error = 0;  // half width of the 95 % confidence interval, by batch means
  double response = 0;          // mean
  double response_error = 0;
  double p50 = 0;
  double p99 = 0;
  std::vector<PoolUse> pools;
};

// Fails on values out of range, on a release without a seize, on a plan without load, and on one that takes
// no time.
Result<SimulationResult> simulate(const SimulationPlan& plan, const SimulationOptions& options = {});

}  // namespace plateau::model
