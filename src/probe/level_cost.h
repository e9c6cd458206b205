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

// tests/bench/overhead --server httpd --levels prints these rows.
inline constexpr const char* kSource =
    "tests/bench/overhead, plateau-httpd saturated on one core, kernel 6.18, tracepoints alone";
inline constexpr std::array<LevelCost, 3> kLevelCosts{{
    {Detail::low, 1676, kSource},
    {Detail::normal, 1682, kSource},
    {Detail::high, 2331, kSource},
}};

}  // namespace plateau::probe
