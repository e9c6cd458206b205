// The kernel's own account of what BPF programs cost: run time and number of runs.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace plateau::overhead {

// While the descriptor is open the kernel counts, for every BPF program of the machine; when it is closed, if
// only because this program dies, it stops. Counting itself adds two clock reads to each run of a program,
// some of which lie inside the time counted. Needs Linux 5.8 and CAP_SYS_ADMIN.
Result<Fd> count_bpf_time();

struct ProgramCost {
  std::uint64_t run_ns = 0;
  std::uint64_t runs = 0;
};
using ProgramCosts = std::map<std::string, ProgramCost>;  // by program name, those of one name added up

// Of the programs whose descriptors a process holds. Empty where it holds none or may not be looked at.
ProgramCosts program_costs(pid_t holder);

// What was added between two readings.
ProgramCosts growth(const ProgramCosts& before, const ProgramCosts& after);
std::uint64_t total_ns(const ProgramCosts& costs);

}  // namespace plateau::overhead
