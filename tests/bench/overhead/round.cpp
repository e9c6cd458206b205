#include "overhead/round.h"

#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "overhead/cpu_time.h"

namespace plateau::overhead {
namespace {

constexpr int kMarginSeconds = 60;  // beyond the load's duration, before plateau would stop by itself

// What the clocks show at one end of the load's life.
struct Reading {
  std::uint64_t at_ns = 0;
  std::uint64_t server_ns = 0;
  std::uint64_t watcher_ns = 0;
  std::uint64_t self_ns = 0;
  MachineTime machine;
  ProgramCosts programs;
};

Reading read_clocks(const std::vector<pid_t>& server, const Watcher* watcher, bool count_bpf) {
  Reading r;
  if (watcher && count_bpf) r.programs = program_costs(watcher->pid());
  if (watcher) r.watcher_ns = cpu_ns({watcher->pid()});
  r.self_ns = cpu_ns({getpid()});
  r.machine = machine_time();
  r.server_ns = cpu_ns(server);
  r.at_ns = monotonic_ns();
  return r;
}

double share(std::uint64_t part_ns, double seconds) {
  return seconds > 0 ? static_cast<double>(part_ns) / 1e9 / seconds : 0;
}

Round round_of(const LoadResult& load, const Reading& before, const Reading& after) {
  Round round;
  round.load = load;
  round.seconds = static_cast<double>(after.at_ns - before.at_ns) / 1e9;
  const std::uint64_t server_ns = after.server_ns - before.server_ns;
  round.cpu_ns_per_request = static_cast<double>(server_ns) / static_cast<double>(load.requests);
  round.steal_share = share(after.machine.steal_ns - before.machine.steal_ns, round.seconds);
  const std::uint64_t ours = server_ns + load.generator_cpu_ns + (after.watcher_ns - before.watcher_ns) +
                             (after.self_ns - before.self_ns);
  const std::uint64_t busy = after.machine.busy_ns - before.machine.busy_ns;
  round.others_share = share(busy - std::min(busy, ours), round.seconds);
  return round;
}

Result<Watched> watched_of(Watcher& watcher, const Round& round, const Reading& before, const Reading& after,
                           bool count_bpf) {
  Watched watched;
  watched.attach_ms = watcher.attach_ms();
  watched.agent_share = share(after.watcher_ns - before.watcher_ns, round.seconds);
  if (count_bpf) {
    BpfCost cost;
    cost.programs = growth(before.programs, after.programs);
    cost.ns_per_request =
        static_cast<double>(total_ns(cost.programs)) / static_cast<double>(round.load.requests);
    watched.bpf = std::move(cost);
  }
  auto report = watcher.finish();
  if (!report) return report.error();
  watched.report = std::move(*report);
  return watched;
}

}  // namespace

Result<Round> run_round(const Server& server, const RoundPlan& plan) {
  const std::vector<pid_t> pids = process_tree(server.pid());
  std::optional<Watcher> watcher;
  Fd counting;
  if (plan.watcher) {
    auto started = Watcher::start(*plan.watcher, pids, plan.settle_seconds + plan.seconds + kMarginSeconds);
    if (!started) return started.error();
    watcher.emplace(std::move(*started));
  }
  if (plan.count_bpf) {
    auto fd = count_bpf_time();
    if (!fd) return fd.error();
    counting = std::move(*fd);
  }
  Watcher* const attached = watcher ? &*watcher : nullptr;
  std::uint64_t settling = 0;
  if (plan.settle_seconds) {
    const auto settled = run_load(plan.load, server.url(), plan.settle_seconds);
    if (!settled) return settled.error();
    settling = settled->requests;
  }
  const Reading before = read_clocks(pids, attached, plan.count_bpf);
  const auto load = run_load(plan.load, server.url(), plan.seconds);
  const Reading after = read_clocks(pids, attached, plan.count_bpf);
  if (!load) return load.error();
  Round round = round_of(*load, before, after);
  round.settling = settling;
  if (attached) {
    auto watched = watched_of(*attached, round, before, after, plan.count_bpf);
    if (!watched) return watched.error();
    round.watched = std::move(*watched);
  }
  return round;
}

}  // namespace plateau::overhead
