// The processes that a capture was asked for, and which of them still run.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sink/metrics.h"

namespace plateau::app {

class AttachedTargets {
 public:
  AttachedTargets() = default;
  // As they are now: a later process of the same PID is another one.
  explicit AttachedTargets(const std::vector<std::int32_t>& pids);

  std::vector<sink::TargetState> states() const;

 private:
  std::vector<std::pair<std::int32_t, std::uint64_t>> started_;  // PID and start
};

}  // namespace plateau::app
