// One round of a rung.
#pragma once

#include "app/lab/outcome.h"
#include "app/lab/place.h"

namespace plateau::app::lab {

struct RoundPlan {
  Place place;
  std::vector<int> all_cpus;
  double seconds = 0;
  std::vector<std::string> load;  // arguments for every rung
  double pauses_over_ms = 0;
  bool samples = false;
  bool sleeps = false;  // read the threads' times
};

// Starts the rung's server, measures it under the load and lets plateau explain look at it. ExitCode::usage:
// a program does not know a switch or is not there, so that the rung is to be skipped.
Result<Round> run_round(const Rung& rung, const RoundPlan& plan);

}  // namespace plateau::app::lab
