#include "app/attach_targets.h"

#include "target/process.h"

namespace plateau::app {

AttachedTargets::AttachedTargets(const std::vector<std::int32_t>& pids) {
  for (const auto pid : pids) {
    const auto process = target::read_process(pid);
    started_.emplace_back(pid, process ? process->start_ticks : 0);
  }
}

std::vector<sink::TargetState> AttachedTargets::states() const {
  std::vector<sink::TargetState> states;
  for (const auto& [pid, start] : started_) {
    const auto process = target::read_process(pid);
    states.push_back({pid, start != 0 && process && process->start_ticks == start});
  }
  return states;
}

}  // namespace plateau::app
