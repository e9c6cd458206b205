// Stops of the world in Go processes, and how much of a request's time they were. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

#include "bpf/stop_record.h"

namespace plateau::request {

struct WorldStopLimits {
  std::size_t processes = 256;
  std::size_t stops = 4096;                  // of a process that are remembered
  std::uint64_t longest_ns = 1'000'000'000;  // one that goes on for longer: its end was lost
};

class WorldStops {
 public:
  explicit WorldStops(WorldStopLimits limits = {}) : limits_(limits) {}

  // In the order in which they were written.
  void add(const pl_stop& stop);

  // Whether the assists of a request of the process that began then were looked for all along.
  bool tells_assists(std::uint32_t tgid, std::uint64_t from) const;

  // Time between the two moments in which the collector stopped the world of the process; nothing: not known,
  // for nobody looked all the time, or it is too long ago. All stops that began by `to` have been added.
  std::optional<std::uint64_t> collector_ns(std::uint32_t tgid, std::uint64_t from, std::uint64_t to) const;

 private:
  struct Stop {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
  };
  struct Process {
    std::uint64_t known_from = 0;  // 0: not watched
    std::uint64_t assists_from = 0;
    std::uint64_t open = 0;  // beginning of the one that goes on; 0: none
    std::deque<Stop> stops;
  };
  WorldStopLimits limits_;
  std::unordered_map<std::uint32_t, Process> processes_;
};

}  // namespace plateau::request
