// The server as the predictions take it: what a request asks of each resource, who works at the same time,
// and what the load does. Built from a capture by build_model(), changed by apply(), solved by predict().
//
// Times in seconds, rates in requests per second.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace plateau::model {

// A value and the range that the data leave open; low <= value <= high.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

// Exactly known.
constexpr Estimate known(double value) {
  return {value, value, value};
}

// Measured over many requests: the next capture differs by about as much.
constexpr Estimate measured(double value) {
  return {value, value * 0.98, value * 1.02};
}

constexpr Estimate scaled(const Estimate& e, double factor) {
  return {e.value * factor, e.low * factor, e.high * factor};
}

enum class Role {
  cpu,
  lock,
  downstream,  // connections to another server; 0 servers: as many as needed
  wait,        // nobody queues for it: a timer, the disk, a wake-up
};

// Known parts of the CPU's demand. `probes`: Plateau's own.
enum class CpuCost { copy, tcp_send, allocation, handshake, probes };

struct CpuPart {
  CpuCost cost = CpuCost::copy;
  double seconds = 0;
};

// One resource that requests use.
struct ServiceCenter {
  std::string name;
  Role role = Role::wait;
  Estimate demand;       // s a request
  unsigned servers = 1;  // CPUs, connections
  unsigned ways = 1;     // of a lock: independent copies, requests spread evenly
  double scv = 1;        // variance over mean squared of one request's demand
  double on_cpu = 0;     // of a lock: s of its demand that the holder computes, part of the CPU's demand too
  double after_answer = 0;  // of the CPU: s of its demand that come when the answer is out
  double slowdown =
      1;  // of the CPU: computing takes so many times as long, for other programs want the CPUs too
  bool holds_worker = true;    // of a wait: the request has a worker meanwhile
  std::vector<CpuPart> parts;  // of the CPU; what they leave is other computing
  std::uint64_t futex = 0;     // of a lock
  std::uint32_t tgid = 0;
  std::string evidence;  // what the demand comes from
};

// Threads that serve more connections than there are threads. A request keeps its worker until it is
// answered.
struct Workers {
  unsigned count = 1;
  bool pinned = false;  // each connection belongs to one of them
};

struct Load {
  unsigned customers = 1;      // of a closed load
  double think = 0;            // s between an answer and the next request, network included
  Estimate client_cpu;         // s of this machine's CPUs that the load's own programs use for a request
  std::optional<double> rate;  // requests/s that arrive whatever the server does: an open load
};

// What the capture showed, for comparison.
struct Observed {
  double throughput = 0;
  double response = 0;  // mean
  double p50 = 0;
  double p99 = 0;
};

struct Unknown {
  std::string what;        // "how many clients there are"
  std::string assumed;     // "taken as many as there are requests inside"
  std::string experiment;  // that would settle it
};

struct ServiceModel {
  std::vector<ServiceCenter> centers;
  std::optional<Workers> workers;  // nullopt: a thread for each connection, or as good as that
  Load load;
  Observed observed;
  std::vector<Unknown> unknowns;

  const ServiceCenter* find(const std::string& name) const;
  ServiceCenter* find(const std::string& name);
  const ServiceCenter* cpu() const;
  ServiceCenter* cpu();
};

}  // namespace plateau::model
