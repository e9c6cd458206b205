// What limits the server: asymptotic bounds from what was measured.
//
// The utilisation law U = X D and its bound X <= 1/D_max (Lazowska, Zahorjan, Graham, Sevcik: Quantitative
// System Performance, 1984, sections 3.3 and 5.2): the resource with the largest demand per request sets the
// highest throughput, 1/D for one server, m/D for m equal ones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "attribution/summary.h"
#include "model/cause.h"

namespace plateau::model {

enum class Resource { lock, loop, cpu };

const char* resource_name(Resource resource);

struct Ceiling {
  Resource resource = Resource::cpu;
  double per_second = 0;        // requests/s at which it is used up; never below what was served
  double utilisation = 0;       // 0…1, during the capture
  std::uint64_t demand_ns = 0;  // per request
  double latency_share = 0;     // of the requests' time that is spent waiting for it or using it, 0…1
  std::uint64_t futex = 0;      // of a lock: its address in process `tgid`
  std::uint32_t tgid = 0;
  std::uint32_t tid = 0;  // of a loop
  std::string holder;     // function that holds the lock
};

struct Verdict {
  std::vector<Ceiling> ceilings;  // the one that binds, or would bind, first
  bool bound = false;             // the first of them is reached
  double throughput = 0;          // requests/s during the capture
  double cpu_idle = 0;            // share of the machine's CPU time, 0…1
  double waiting = 0;             // of a lock: threads asleep on it, on average
  // What holds the server up, the foremost first; without requests there is none.
  std::vector<Finding> findings;

  Cause cause() const { return findings.empty() ? Cause::none : findings.front().cause; }
};

// Utilisation from which a resource counts as the bottleneck.
inline constexpr double kSaturated = 0.85;

Verdict judge(const attribution::Summary& summary);

}  // namespace plateau::model
