// Keeps what the probes cost the target within a bound, by looking only part of the time.
#pragma once

#include <cstdint>

namespace plateau::app {

// Every request is looked at as long as that costs the target less than the bound. Beyond it, after a third
// of a second, windows of a quarter of a second are left open, and between them nothing is looked at for as
// long as brings the average down to the bound. Pure: what it knows of time and cost is what it is told.
class CostGovernor {
 public:
  struct Reading {
    std::uint64_t now_ns = 0;
    std::uint64_t turns = 0;          // seen so far
    std::uint64_t target_cpu_ns = 0;  // used by the target so far, probes included
  };
  enum class Action : std::uint8_t { none, pause, resume };

  // `bound`: CPU time of the probes, as a share of the target's own, and of one CPU's where the target uses
  // less than that: a server that idles has room for them. 0: none.
  explicit CostGovernor(double bound) : bound_(bound) {}

  // Probe time of one turn, once it was measured.
  void set_turn_cost(std::uint64_t ns) { turn_cost_ns_ = static_cast<double>(ns); }

  // Whether the next reading decides anything: taking one costs more than asking.
  bool due(std::uint64_t now_ns) const { return bound_ > 0 && now_ns >= due_ns_; }
  Action step(const Reading& reading);

  bool paused() const { return paused_; }
  // What looking at everything costs, likewise; 0: not known yet.
  double full_cost() const { return full_cost_; }

 private:
  // How long to look away for each moment of looking.
  double pause_per_window() const;
  void open_window(const Reading& reading, std::uint64_t length_ns);

  double bound_;
  double turn_cost_ns_ = 1500;  // as measured on a virtual machine of 2026
  double full_cost_ = 0;
  bool governed_ = false;
  bool paused_ = false;
  bool started_ = false;
  Reading window_;  // at its beginning
  std::uint64_t due_ns_ = 0;
};

}  // namespace plateau::app
