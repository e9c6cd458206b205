// What a capture foretells: its what-if table in the order in which a reader wants it, or why there is none.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "attribution/cpu_shares.h"
#include "attribution/summary.h"
#include "model/load_curve.h"
#include "model/service_model.h"
#include "model/what_if.h"

namespace plateau::model {

struct Outlook {
  // One line: why there is no table. nullopt: there is one, and it may be believed.
  std::optional<std::string> reason;
  std::optional<Prediction> today;  // nullopt: there is no model
  std::optional<double> throughput_error;
  std::optional<double> p50_error;
  double p50_scale = 1;           // WhatIf::p50_scale
  double probes = 0;              // WhatIf::probes
  std::vector<Outcome> outcomes;  // by falling gain, those without a prediction last
  std::vector<Unknown> unknowns;  // what keeps fixes from being predicted first
  LoadCurve curve;                // empty where it was not asked for or may not be believed
};

// The share by which the model may miss today's throughput and p50: beyond it nothing it says is worth
// repeating.
inline constexpr double kBelievable = 0.15;

// Of the locks, only those that requests use longest are worth a fix.
inline constexpr std::size_t kLocksToFix = 3;

// The fix lets more requests through (2 %), or answers half of them sooner (5 %).
bool helps(const Outcome& outcome, const Prediction& today);

struct Questions {
  bool curve = false;      // the throughput at other numbers of connections too: as long again
  std::vector<Fix> asked;  // beside the usual ones, their resource left open: the foremost is taken
  attribution::CpuShares profile = {};  // of a CPU profile, if one was taken
};

// By simulation: some 0.1 s for hundreds of requests inside, seconds at the most; larger captures get a
// reason. Never fails.
Outlook outlook_of(const attribution::Summary& summary, const Questions& questions = {});

}  // namespace plateau::model
