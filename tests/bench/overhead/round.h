// One round: the load runs once, with nothing attached or with one watcher.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "overhead/bpf_stats.h"
#include "overhead/load.h"
#include "overhead/server.h"
#include "overhead/watcher.h"

namespace plateau::overhead {

// The kernel's count of BPF run time over the load.
struct BpfCost {
  double ns_per_request = 0;
  ProgramCosts programs;
};

struct Watched {
  WatcherReport report;
  double attach_ms = 0;
  double agent_share = 0;      // CPU time of the watcher while the load ran ÷ that time: share of one core
  std::optional<BpfCost> bpf;  // only where it was asked for
};

struct Round {
  LoadResult load;
  double seconds = 0;             // the load's life, process start and end included
  double cpu_ns_per_request = 0;  // the server's process tree, over the load's life
  std::uint64_t settling = 0;     // requests answered before it, the watcher attached
  double steal_share = 0;         // CPU time that the hypervisor took, in cores
  double others_share = 0;        // CPU time of everything that is not ours, in cores; in ticks, so ±0.01
  std::optional<Watched> watched;
};

struct RoundPlan {
  Load load;
  int seconds = 2;
  int settle_seconds = 0;  // of the same load before, with the watcher attached, in no figure
  std::optional<WatcherKind> watcher;
  bool count_bpf = false;
};

// Errors: the load, the watcher or the server failed, or a stop was requested.
Result<Round> run_round(const Server& server, const RoundPlan& plan);

}  // namespace plateau::overhead
