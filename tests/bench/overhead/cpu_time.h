// CPU time of processes and of the machine.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace plateau::overhead {

// The process and its descendants, as they are now.
std::vector<pid_t> process_tree(pid_t root);

// User and system time in ns, threads that have ended included: the processes' CPU clocks, which the
// scheduler keeps (utime and stime are the same sum in ticks). A process that is gone counts 0.
std::uint64_t cpu_ns(const std::vector<pid_t>& pids);

// Over all CPUs, in ns, to a tick's precision (/proc/stat).
struct MachineTime {
  std::uint64_t busy_ns = 0;   // neither idle nor waiting for a disk; steal left out
  std::uint64_t steal_ns = 0;  // taken by the hypervisor
};
MachineTime machine_time();

}  // namespace plateau::overhead
