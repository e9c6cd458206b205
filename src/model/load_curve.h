// Throughput and latency against the number of requests inside: where the server stands on the way to its
// ceiling.
#pragma once

#include <vector>

#include "model/service_model.h"

namespace plateau::model {

// Times in seconds, rates in requests/s.
struct CurvePoint {
  unsigned customers = 1;
  double throughput = 0;
  double p50 = 0;
  double p99 = 0;
};

struct LoadCurve {
  std::vector<CurvePoint> points;  // by rising customers; empty: there is no model, or its load is open
  double ceiling = 0;              // requests/s, of the resource that is used up first; 0: none is known
  unsigned today = 0;              // customers of the capture
};

// Simulations of the model with its closed load smaller and larger than today's, up to four times that. About
// as long as a dozen fixes take.
LoadCurve load_curve_of(const ServiceModel& model);

}  // namespace plateau::model
