// What the rounds come to. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "overhead/experiment.h"
#include "overhead/statistics.h"

namespace plateau::overhead {

// One watcher against the off rounds beside it; "ratio" is on ÷ off, pair by pair.
struct Comparison {
  std::size_t pairs = 0;
  double throughput_off = 0;  // medians, answered requests/s
  double throughput_on = 0;
  Spread throughput_ratio;
  double cpu_off_ns = 0;  // medians, of the server's CPU time a request
  double cpu_on_ns = 0;
  Spread cpu_ratio;
  Spread agent_share;  // of a core
  Spread attach_ms;
  std::uint64_t max_rss_bytes = 0;    // the largest of all rounds
  std::uint64_t lost = 0;             // sum over all rounds and causes
  std::optional<std::uint64_t> seen;  // sums over all rounds
  std::uint64_t answered = 0;
  std::optional<Spread> bpf_ns;  // a request, from the counted rounds
};
Comparison compare(const std::vector<Round>& off, const WatcherRounds& watcher);

// How steady the machine was, from the off rounds.
struct Noise {
  Spread throughput;
  Spread cpu_ns;             // a request
  Spread steal_share;        // cores
  Spread others_share;       // cores
  std::uint64_t errors = 0;  // of the load, in all off rounds
};
Noise noise_of(const std::vector<Round>& off);

}  // namespace plateau::overhead
