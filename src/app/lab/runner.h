// Runs an experiment.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "app/lab/outcome.h"
#include "app/lab/place.h"

namespace plateau::app::lab {

struct RunPlan {
  std::optional<int> rounds;      // that many, in place of the experiment's own bounds
  std::optional<double> seconds;  // of a round's load
  bool quick = false;             // one short round
  std::vector<std::string> only;  // these rungs; empty: all
};

// What goes on at the moment, in a few words.
using Progress = std::function<void(const std::string&)>;

// Ends early when a stop is requested, with what there is by then. Errors: of usage only, such as a rung that
// does not exist; what goes wrong with a rung is in its outcome.
Result<Outcome> run(const Experiment& experiment, const RunPlan& plan, const Progress& progress);

// The rows of Kind::causes.
void run_causes(Outcome& outcome, const Place& place, const Progress& progress);

}  // namespace plateau::app::lab
