#include "model/open_network.h"

#include <cmath>

namespace plateau::model {
namespace {

StationMeans station_means(const Station& s, double rate) {
  if (s.kind == StationKind::delay) return {s.demand, rate * s.demand, rate * s.demand};
  const double offered = rate * s.demand;
  const double busy = offered / s.servers;
  const double wait = erlang_c(offered, s.servers) * s.demand / (s.servers * (1 - busy));
  const double residence = s.demand + wait;
  return {residence, rate * residence, busy};
}

}  // namespace

// By the recursion of Erlang's B, which is stable, and C = B / (1 - u (1 - B)).
double erlang_c(double offered, unsigned servers) {
  if (offered >= servers) return 1;
  double b = 1;
  for (unsigned m = 1; m <= servers; m++) b = offered * b / (m + offered * b);
  return b / (1 - offered / servers * (1 - b));
}

Result<std::optional<OpenSolution>> solve_open(const std::vector<Station>& stations, double rate) {
  if (!std::isfinite(rate) || rate < 0) return fail("the arrival rate must be finite and not negative");
  if (Status status = check(stations); !status) return status.error();
  OpenSolution solution;
  solution.throughput = rate;
  for (const Station& station : stations) {
    if (!station.rates.empty()) return fail("station '" + station.name + "': rates in an open network");
    if (rate >= station.capacity()) return std::optional<OpenSolution>();
    solution.stations.push_back(station_means(station, rate));
    solution.response += solution.stations.back().residence;
  }
  return std::optional<OpenSolution>(std::move(solution));
}

}  // namespace plateau::model
