// The what-if table: what each fix would bring, with its next bottleneck, its uncertainty and its evidence.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/fix.h"
#include "model/prediction.h"

namespace plateau::model {

struct Outcome {
  Fix fix;
  std::string what;                      // describe(fix)
  std::optional<Prediction> prediction;  // nullopt: the data do not suffice
  std::string missing;                   // why, and which experiment would settle it
  double gain = 0;                       // throughput over today's prediction, less 1
  std::vector<std::string> evidence;     // of the demands that the prediction rests on
};

struct WhatIf {
  Prediction today;   // while nobody looks, like all that follows
  double probes = 0;  // s of Plateau's own CPU time a request that is left out
  // |today.throughput - observed| / observed and the same of p50; nullopt where nothing was observed. A
  // prediction for tomorrow is no better than the one for today.
  std::optional<double> throughput_error;
  std::optional<double> p50_error;
  // Of the mean response time. Where it is reproduced and p50 is not, disturbances that the model does not
  // know make some requests late, and the others early: p50 is then scaled by as much as today's misses.
  std::optional<double> response_error;
  double p50_scale = 1;  // by which all p50 here are multiplied for that; 1: they are the model's own
  // Where that is more than disturbances account for (requests that overtake each other), no prediction here
  // tells_latency.
  std::vector<Outcome> outcomes;  // as the fixes were given
};

// Whether p50 is scaled.
bool is_skewed(const WhatIf& table);

// Fails only where today's model cannot be solved.
Result<WhatIf> what_if(const ServiceModel& model, const std::vector<Fix>& fixes);

}  // namespace plateau::model
