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

inline constexpr std::array<LevelCost, 3> kLevelCosts{{
    {Detail::low, 0, ""},
    {Detail::normal, 1522,
     "tests/bench/overhead, plateau-httpd saturated on one core, kernel 6.18, tracepoints alone"},
    {Detail::high, 0, ""},
}};

}  // namespace plateau::probe
