// What /proc tells of the machine and of a server at work.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "app/lab/measure.h"

namespace plateau::app::lab {

// The CPUs that this program may use.
std::vector<int> allowed_cpus();

// CPU time of a process so far, ended threads included; 0 if it is gone.
std::uint64_t cpu_ns_of(pid_t pid);

// Over all CPUs, in ns, to a tick's precision.
struct MachineTime {
  std::uint64_t busy_ns = 0;  // neither idle nor waiting for a disk; steal left out
  std::uint64_t idle_ns = 0;
  std::uint64_t steal_ns = 0;
};
MachineTime machine_time();

// What the machine does from here on, with what this program and its children, once reaped, do of it.
class MachineUse {
 public:
  MachineUse();
  MachineFigures figures() const;

 private:
  MachineTime machine_;
  std::uint64_t own_ns_;
  std::uint64_t at_ns_;
};

// From differences, in ns, over `elapsed_ns`.
MachineFigures machine_figures(const MachineTime& during, double own_ns, double elapsed_ns);
MachineTime operator-(const MachineTime& after, const MachineTime& before);

struct Memory {
  std::uint64_t rss_bytes = 0;
  unsigned threads = 0;
};
// All 0 if it is gone.
Memory memory_of(pid_t pid);

// Of one thread: what the scheduler keeps.
struct ThreadTime {
  std::uint64_t run_ns = 0;
  std::uint64_t runnable_ns = 0;  // waiting for a CPU
  std::uint64_t sleeps = 0;       // voluntary switches
};
struct ThreadTimes {
  std::uint64_t at_ns = 0;
  std::map<pid_t, ThreadTime> threads;
};
ThreadTimes thread_times(pid_t pid);

// Fills in the share of time asleep and the mean sleep of the threads that both readings have and that ran
// for at least a hundredth of the time between.
void add_sleeps(const ThreadTimes& before, const ThreadTimes& after, ProcessFigures& figures);

// One line: processor, number of CPUs, kernel.
std::string machine_text();

}  // namespace plateau::app::lab
