// What is attached to the server in an on round: plateau, or a peer to compare it with.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "overhead/child.h"

namespace plateau::overhead {

enum class WatcherKind {
  plateau,   // plateau explain, as it comes: within its bound on the cost
  full,      // plateau explain --max-cost off: every request looked at
  low,       // the same with --detail low
  high,      // and with --detail high
  bpftrace,  // latency by socket and time off CPU, on the tracepoints that plateau uses
  perf,      // perf trace -s
  strace,    // strace -f -c
  cpu99,     // plateau flame --max-cost off: as full, and 99 stacks a second and CPU
  cpu999,    // and 999
  offcpu,    // plateau flame --kind offcpu --max-cost off: as full, and a stack for each sleep
  wall99,    // plateau flame --kind wall: both
  wall999,
  wakers99,  // and with --wakers
  wakers999,
};
const char* watcher_name(WatcherKind kind);
bool is_plateau(WatcherKind kind);  // plateau explain
bool is_profile(WatcherKind kind);  // plateau flame
// By watcher_name(), plateau itself left out. Usage errors.
Result<WatcherKind> parse_peer(std::string_view name);

struct WatcherReport {
  Ending ending;
  std::optional<std::uint64_t> seen;            // requests; only plateau and bpftrace count them
  std::map<std::string, std::uint64_t> losses;  // plateau's, by cause, those above 0
};

class Watcher {
 public:
  // Attaches to the processes, the root of their tree first, and waits until it is live. `seconds` bounds its
  // life, should nobody call finish().
  static Result<Watcher> start(WatcherKind kind, const std::vector<pid_t>& pids, int seconds);

  pid_t pid() const { return child_.pid(); }
  double attach_ms() const { return attach_ms_; }  // from its start until it was live

  // Ends it as Ctrl-C does and takes in what it printed.
  Result<WatcherReport> finish();

 private:
  Watcher(WatcherKind kind, Child child) : kind_(kind), child_(std::move(child)) {}
  Status wait_until_live(const std::vector<pid_t>& pids);

  WatcherKind kind_;
  Child child_;
  double attach_ms_ = 0;
};

// What plateau explain --format json and the bpftrace script print at their end. Errors: not understood.
Status read_plateau(std::string_view text, WatcherReport& report);
Status read_bpftrace(std::string_view text, WatcherReport& report);

}  // namespace plateau::overhead
