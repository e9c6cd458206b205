// The rounds of one server under one load: off and on in turn, so that what drifts hits both alike.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "overhead/round.h"

namespace plateau::overhead {

struct ExperimentPlan {
  ServerKind server = ServerKind::nginx;
  Load load;
  int pairs = 15;
  int seconds = 2;
  int settle_seconds = 2;             // of load before each round
  std::vector<WatcherKind> watchers;  // each runs once for each off round
  int counted_rounds = 2;             // further on rounds, with BPF run time counted
};

struct WatcherRounds {
  WatcherKind kind = WatcherKind::plateau;
  std::vector<Round> on;       // on[i] was run beside off[i]
  std::vector<Round> counted;  // with BPF run time counted
  std::string skipped;         // why it was not measured; empty: it was
};

struct ExperimentResult {
  ServerKind server = ServerKind::nginx;
  Load load;
  int seconds = 0;
  std::vector<Round> off;
  std::vector<WatcherRounds> watchers;
  std::string ended_early;  // why; empty: it did not
};

// Told after each pair.
using Progress = std::function<void(const ExperimentResult&)>;

// Errors: the server does not start, or the first round fails. What fails later ends the experiment early; a
// peer that fails is left out.
Result<ExperimentResult> run_experiment(const ExperimentPlan& plan, const Progress& progress);

}  // namespace plateau::overhead
