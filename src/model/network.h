// A queueing network as the solvers of this folder take it: one class of customers, stations with demands.
//
// A demand is the total service that one request asks of a station, visits times service time per visit
// (Denning and Buzen: The Operational Analysis of Queueing Network Models, Computing Surveys 10(3), 1978).
// All times are seconds, all rates are requests per second.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace plateau::model {

enum class StationKind {
  queueing,  // FCFS with exponential service, or processor sharing with any: product form
  delay,     // nobody waits: as many servers as customers
};

struct Station {
  std::string name;
  StationKind kind = StationKind::queueing;
  double demand = 0;     // s, finite, >= 0; not used where `rates` are given
  unsigned servers = 1;  // of a queueing station, >= 1
  // Of a queueing station whose speed depends on how many customers are at it (a flow-equivalent station):
  // completions/s with 1, 2, … of them; the last holds for all more. Positive. Empty: by demand and servers.
  std::vector<double> rates = {};

  // Highest throughput, requests/s; infinite for a delay and for no demand.
  double capacity() const;
};

// Customers that come back: each thinks for `think` seconds, then sends the next request.
struct ClosedNetwork {
  std::vector<Station> stations;
  double think = 0;  // s, finite, >= 0
};

// Names the first station or value that is out of range.
Status check(const ClosedNetwork& network);
Status check(const std::vector<Station>& stations);

// Sum of the demands, s: the response time of a request that meets no other.
double total_demand(const std::vector<Station>& stations);

// Lowest capacity of the stations, requests/s; infinite if none has one.
double capacity(const std::vector<Station>& stations);

}  // namespace plateau::model
