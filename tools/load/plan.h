// The plan of a run: how many requests, how fast, how long. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "load/options.h"

namespace plateau::load {

// One of several threads that work on a plan: it takes the slots whose index is `index` modulo `of`.
struct Share {
  std::uint32_t index = 0;
  std::uint32_t of = 1;

  // How many of the numbers below `end` are the share's.
  std::uint64_t count_below(std::uint64_t end) const { return end > index ? (end - index + of - 1) / of : 0; }
};

struct Step {
  double rate = 0;                // requests/s; 0: closed loop
  std::uint64_t duration_ns = 0;  // 0: no limit in time
};

struct Plan {
  std::vector<Step> steps;     // never empty; a step without a limit in time is the only one
  std::uint64_t requests = 0;  // 0: no limit in number
};

Plan plan_of(const Options& options);

}  // namespace plateau::load
