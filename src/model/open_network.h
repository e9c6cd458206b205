// An open network: requests arrive at a rate that does not depend on how the server fares.
//
// By Jackson (Jobshop-like Queueing Systems, Management Science 10(1), 1963) each station is an M/M/m queue
// of its own; waiting by Erlang's C formula. Times in seconds, rates per second.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "model/mean_value_analysis.h"
#include "model/network.h"

namespace plateau::model {

struct OpenSolution {
  double throughput = 0;  // = the arrival rate
  double response = 0;
  std::vector<StationMeans> stations;
};

// Probability that an arrival must wait, for an offered load of a = rate x service time on `servers` >= 1
// servers. 1 where a >= servers.
double erlang_c(double offered, unsigned servers);

// nullopt: no steady state, some station cannot serve that rate and its queue grows for ever. Fails on values
// out of range and on stations with rates.
Result<std::optional<OpenSolution>> solve_open(const std::vector<Station>& stations, double rate);

}  // namespace plateau::model
