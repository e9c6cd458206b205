// Reads what /proc and the kernel side know of a capture beside its records.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "app/bypass_watch.h"
#include "app/kernel_lock_watch.h"
#include "app/loop_watch.h"
#include "app/socket_watch.h"
#include "probe/session.h"
#include "target/process.h"
#include "wire/facts.h"

namespace plateau::app {

class Observer {
 public:
  // Takes the first readings; `session` must outlive it. `max_cost`: the bound on the probes' cost, to be
  // told with the rest.
  Observer(probe::Session& session, const probe::Plan& plan, std::vector<pid_t> roots, double max_cost);

  // The facts as of now: differences since the first readings. What a process used between the last call and
  // its end is not known.
  wire::Facts facts();

  // Only what is cheap to read: times and counters. For progress.
  wire::Facts quick_facts() const;

  // To name kernel stacks with. Must outlive this.
  void set_kernel_symbols(const symbol::KernelSymbols* symbols) { kernel_locks_.set_kernel_symbols(symbols); }

  // Called often: does what is due.
  void tick();

  // These are the target from here on; what the ones before used stays in the sums.
  void follow(std::vector<pid_t> roots);

  // When the first readings were taken.
  std::uint64_t start_ns() const { return first_.start_ns; }

  // User and system time that the target's processes used since the first readings.
  std::uint64_t target_cpu_ns();

  // What keeping to the bound took so far, and since when nobody looks; 0: somebody does.
  void set_pauses(double full_cost, std::uint64_t paused_ns, std::uint64_t open_ns);

  // The window in which the kernel counted the probes' run time.
  void set_cost_window(std::uint64_t window_ns, std::uint64_t run_ns, std::uint64_t requests);

 private:
  struct CpuTimes {
    std::uint64_t busy = 0;
    std::uint64_t all = 0;
  };
  static CpuTimes machine_times();
  // At the start, then each time the facts are asked for, but not more often than every half minute.
  void look_at_bypasses();
  void tell_locks(wire::Facts& facts) const;
  // Adds what each process of the target used since the last look.
  void look_at_processes(wire::Facts& facts);

  probe::Session& session_;
  std::vector<pid_t> roots_;
  wire::Facts first_;
  CpuTimes machine_;
  // User and system time of each process at the last look, by PID and start: what an ended one used stays in
  // the sum, what a new one uses comes to it.
  std::map<std::pair<pid_t, std::uint64_t>, std::uint64_t> process_ticks_;
  std::uint64_t target_ticks_ = 0;
  double agent_cpu_s_ = 0;
  probe::Counters counters_{};
  std::vector<probe::LockEntry> locks_;
  wire::CostFact window_;
  std::uint64_t open_pause_ns_ = 0;
  SocketWatch sockets_;
  LoopWatch loops_;
  KernelLockWatch kernel_locks_;
  BypassWatch bypasses_;
  std::uint64_t bypasses_due_ns_ = 0;
};

}  // namespace plateau::app
