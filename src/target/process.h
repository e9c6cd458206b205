// What /proc tells of a process and its descendants. Everything here is a snapshot: a process may end between
// two calls, which yields an error or an empty answer, never a wrong one.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace plateau::target {

struct Process {
  pid_t pid = 0;
  pid_t parent = 0;
  std::string comm;
  std::uint64_t start_ticks = 0;  // clock ticks since boot: with the PID, an identity
  unsigned threads = 0;
  std::uint64_t cpu_ticks = 0;  // utime + stime
};

// ExitCode::no_target if there is no such process.
Result<Process> read_process(pid_t pid);

// Whether there is no such process any more; one that nobody has waited for yet is there.
bool has_ended(pid_t pid);

// All processes that exist now.
std::vector<Process> all_processes();

// The processes of `roots` and their descendants among `all`, parents first.
std::vector<Process> descendants(const std::vector<pid_t>& roots, const std::vector<Process>& all);

// Outermost processes called `comm` (the kernel's 15-character name): a worker whose parent matches is left
// to its parent's tree. ExitCode::no_target if there is none.
Result<std::vector<pid_t>> find_by_comm(const std::string& comm);

}  // namespace plateau::target
