// Throughput, percentiles and bottleneck of a service model.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/mean_value_analysis.h"
#include "model/service_model.h"
#include "model/simulation.h"

namespace plateau::model {

struct Utilisation {
  std::string resource;
  double share = 0;  // 0…1
};

struct Prediction {
  bool steady = true;   // false: an open load above the ceiling; its queue grows for ever, there are no times
  Estimate throughput;  // requests/s
  double response = 0;  // s, mean
  double p50 = 0;
  double p99 = 0;
  bool tells_latency = true;  // false: p50 and p99 are not to be repeated, for today's are not reproduced
  // The resource that is used up, "workers" among them; "load" where none is: the clients ask for no more.
  std::string bottleneck;
  std::vector<Utilisation> utilisations;  // falling
};

// By simulation of `model`, whose workers and locks are held while other resources are waited for. The
// throughput's range is the range of the demands: mean value analysis with all of them low, and all high, as
// a ratio to the one with the values. Fails where the model has no load or takes no time.
Result<Prediction> predict(const ServiceModel& model, const SimulationOptions& options = {1, 5'000, 40'000});

// The way of a request: a worker, waits, CPU, locks with the CPU inside them, downstream, the answer, the CPU
// after it, the client's CPU.
SimulationPlan plan_of(const ServiceModel& model);

// The throughput by mean value analysis, within a few per cent of the simulation's: what locks compute is
// taken as part of their own time alone, and the workers are a flow-equivalent station (Lazowska et al. 1984,
// section 9.3; Courtois 1977). Never above the CPUs' capacity.
Result<double> estimate_throughput(const ServiceModel& model);

// Requests/s at which the resource is used up: servers x ways / demand; infinite for a wait.
double ceiling_of(const ServiceCenter& resource, const ServiceModel& model);

// The lowest of all resources, the workers left out.
double ceiling_of(const ServiceModel& model);

}  // namespace plateau::model
