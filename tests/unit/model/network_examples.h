// Networks that several tests share.
#pragma once

#include <string>
#include <vector>

#include "model/network.h"

namespace plateau::model {

inline Station queue(const std::string& name, double demand, unsigned servers = 1) {
  return {name, StationKind::queueing, demand, servers};
}

inline Station delay(const std::string& name, double demand) {
  return {name, StationKind::delay, demand};
}

// Jain: The Art of Computer Systems Performance Analysis, 1991, example 34.2 (p. 577): CPU, disk A, disk B;
// visits 16, 10, 5; service times 0.125, 0.3, 0.2 s; think time 4 s.
inline ClosedNetwork jain() {
  return {{queue("cpu", 16 * 0.125), queue("disk a", 10 * 0.3), queue("disk b", 5 * 0.2)}, 4};
}

// Bolch, Greiner, de Meer, Trivedi: Queueing Networks and Markov Chains, example 8.4 (p. 333): two servers,
// two single ones, a delay; three customers.
inline ClosedNetwork bolch_delay() {
  return {{queue("1", 0.5, 2), queue("2", 0.5 * 0.6), queue("3", 0.5 * 0.8), delay("4", 1)}, 0};
}

// The same book's example 8.1 (p. 318): two servers, three servers, one; three customers.
inline ClosedNetwork bolch_multi_server() {
  return {{queue("1", 1 / 0.8, 2), queue("2", 0.667 / 0.6, 3), queue("3", 0.2 / 0.4)}, 0};
}

// N machines that break and are repaired one by one.
inline ClosedNetwork machine_repair(double repair, double up, unsigned repairmen = 1) {
  return {{queue("repair", repair, repairmen)}, up};
}

}  // namespace plateau::model
