// Probes on a Go process's own runtime. They are no signals of the table's, for where they go on is known of
// a process only.
#pragma once

#include <sys/types.h>

#include <array>
#include <string>

#include "probe/plan.h"
#include "target/go_runtime.h"

namespace plateau::probe {

struct GoProbe {
  const char* name;
  const char* function;
  const char* tells;
};

// Each is hit once a stop of the world.
inline constexpr std::array<GoProbe, 2> kGoProbes{{
    {"stop_begin", "runtime.stopTheWorldWithSema",
     "when a Go process begins to stop the world, and whether for its garbage collector"},
    {"stop_end", "runtime.startTheWorldWithSema", "when it begins to let goroutines go on"},
}};

inline constexpr Detail kGoProbesDetail = Detail::high;
inline constexpr const char* kWithoutGoProbes = "the garbage collector's pauses are not told";

// Why they would not go on the process, after the plan was tried out; empty: they would.
std::string go_probes_problem(const Plan& plan, pid_t process, const target::GoRuntime& go);

}  // namespace plateau::probe
