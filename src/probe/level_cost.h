// What looking at every request costs at each level of detail, as far as it has been measured.
#pragma once

#include <array>

#include "probe/signal.h"

namespace plateau::probe {

struct LevelCost {
  Detail detail;
  unsigned request_ns;  // run time of the probes for a request; 0: not measured
  const char* source;   // of the figure
};

// `build/bench/overhead --server httpd --levels --pairs 9 --settle 1 --counted 3` prints these rows.
inline constexpr const char* kSource =
    "tests/bench/overhead, plateau-httpd saturated on one core, kernel 6.18, tracepoints alone";
inline constexpr std::array<LevelCost, 3> kLevelCosts{{
    {Detail::low, 1695, kSource},
    {Detail::normal, 1832, kSource},
    {Detail::high, 2748, kSource},
}};

// What being hit by a probe costs a process in its own code, the trap included.
inline constexpr unsigned kUprobeNs = 5000;

}  // namespace plateau::probe
