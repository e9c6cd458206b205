#include "model/network.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace plateau::model {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool is_time(double seconds) {
  return std::isfinite(seconds) && seconds >= 0;
}

Status check_station(const Station& station) {
  if (!is_time(station.demand))
    return fail("station '" + station.name + "': the demand must be finite and not negative");
  if (station.kind == StationKind::queueing && station.servers == 0)
    return fail("station '" + station.name + "': a queue needs at least one server");
  if (!std::all_of(station.rates.begin(), station.rates.end(),
                   [](double rate) { return std::isfinite(rate) && rate > 0; }))
    return fail("station '" + station.name + "': rates must be finite and positive");
  return success();
}

}  // namespace

double Station::capacity() const {
  if (kind == StationKind::delay) return kInfinity;
  if (!rates.empty()) return rates.back();
  return demand > 0 ? servers / demand : kInfinity;
}

Status check(const std::vector<Station>& stations) {
  for (const Station& station : stations)
    if (Status status = check_station(station); !status) return status;
  return success();
}

Status check(const ClosedNetwork& network) {
  if (!is_time(network.think)) return fail("the think time must be finite and not negative");
  return check(network.stations);
}

double total_demand(const std::vector<Station>& stations) {
  double sum = 0;
  for (const Station& station : stations)
    sum += station.rates.empty() ? station.demand : 1 / station.rates.front();
  return sum;
}

double capacity(const std::vector<Station>& stations) {
  double lowest = kInfinity;
  for (const Station& station : stations) lowest = std::min(lowest, station.capacity());
  return lowest;
}

}  // namespace plateau::model
