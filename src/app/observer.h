// Reads what /proc and the kernel side know of a capture beside its records.
#pragma once

#include <cstdint>
#include <vector>

#include "probe/session.h"
#include "target/process.h"
#include "wire/facts.h"

namespace plateau::app {

class Observer {
 public:
  // Takes the first readings; `session` must outlive it.
  Observer(const probe::Session& session, const probe::Plan& plan, std::vector<pid_t> roots);

  // The facts as of now: differences since the first readings.
  wire::Facts facts() const;

  // Only what is cheap to read: times and counters. For progress.
  wire::Facts quick_facts() const;

  // The window in which the kernel counted the probes' run time.
  void set_cost_window(std::uint64_t window_ns, std::uint64_t run_ns, std::uint64_t requests);

 private:
  struct CpuTimes {
    std::uint64_t busy = 0;
    std::uint64_t all = 0;
  };
  static CpuTimes machine_times();
  std::uint64_t target_ticks(std::uint32_t& processes, std::uint32_t& threads) const;

  const probe::Session& session_;
  std::vector<pid_t> roots_;
  wire::Facts first_;
  CpuTimes machine_;
  std::uint64_t target_ticks_ = 0;
  double agent_cpu_s_ = 0;
  probe::Counters counters_{};
  std::vector<probe::LockEntry> locks_;
  wire::CostFact window_;
};

}  // namespace plateau::app
