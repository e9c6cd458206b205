#include "model/bounds.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace plateau::model {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Demands {
  double queues = 0;  // sum, s
  double delays = 0;
  double highest = 0;  // of a queue
  unsigned count = 0;  // of queues with a demand
};

Demands demands_of(const std::vector<Station>& stations) {
  Demands d;
  for (const Station& station : stations) {
    const double demand = station.rates.empty() ? station.demand : 1 / station.rates.front();
    if (station.kind == StationKind::delay) {
      d.delays += demand;
      continue;
    }
    d.queues += demand;
    d.highest = std::max(d.highest, demand);
    d.count += demand > 0;
  }
  return d;
}

double per(double customers, double seconds) {
  return seconds > 0 ? customers / seconds : kInfinity;
}

Status check_customers(const ClosedNetwork& network, unsigned customers) {
  if (customers == 0) return fail("bounds need at least one customer");
  return check(network);
}

}  // namespace

Result<Bounds> asymptotic_bounds(const ClosedNetwork& network, unsigned customers) {
  if (Status status = check_customers(network, customers); !status) return status.error();
  const Demands d = demands_of(network.stations);
  const double n = customers, fastest = d.queues + d.delays;
  Bounds b;
  b.throughput_high = std::min(capacity(network.stations), per(n, network.think + fastest));
  b.throughput_low = per(n, network.think + d.delays + n * d.queues);
  b.response_low = std::max(fastest, n / b.throughput_high - network.think);
  b.response_high = d.delays + n * d.queues;
  return b;
}

Result<Bounds> balanced_job_bounds(const ClosedNetwork& network, unsigned customers) {
  if (Status status = check_customers(network, customers); !status) return status.error();
  for (const Station& station : network.stations)
    if (station.kind == StationKind::queueing && (station.servers > 1 || !station.rates.empty()))
      return fail("balanced job bounds: station '" + station.name + "' has several servers");
  const Demands d = demands_of(network.stations);
  if (d.count == 0) return asymptotic_bounds(network, customers);
  const double n = customers, think = network.think + d.delays;
  const double average = d.queues / d.count, others = n - 1;
  const double thinking = think / d.queues;
  Bounds b;
  b.throughput_low = per(n, think + d.queues + others * d.highest / (1 + thinking / n));
  b.throughput_high = std::min(1 / d.highest, per(n, think + d.queues + others * average / (1 + thinking)));
  b.response_low = std::max(d.queues + d.delays, n / b.throughput_high - network.think);
  b.response_high = n / b.throughput_low - network.think;
  return b;
}

Result<Bounds> open_bounds(const std::vector<Station>& stations, double rate) {
  if (!std::isfinite(rate) || rate < 0) return fail("the arrival rate must be finite and not negative");
  if (Status status = check(stations); !status) return status.error();
  Bounds b;
  b.throughput_low = b.throughput_high = std::min(rate, capacity(stations));
  b.response_low = total_demand(stations);
  b.response_high = kInfinity;
  return b;
}

double saturation_point(const ClosedNetwork& network) {
  return (total_demand(network.stations) + network.think) * capacity(network.stations);
}

}  // namespace plateau::model
