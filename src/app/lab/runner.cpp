#include "app/lab/runner.h"

#include <sys/resource.h>

#include <algorithm>

#include "app/lab/place.h"
#include "app/lab/round.h"
#include "app/lab/stop.h"
#include "app/lab/system.h"

namespace plateau::app::lab {
namespace {

constexpr double kQuickSeconds = 0.6;
constexpr std::uint32_t kOtherFiles = 64;

Status choose_rungs(Outcome& outcome, const std::vector<std::string>& only) {
  for (const Rung& rung : expanded(outcome.experiment.rungs)) {
    const bool wanted = only.empty() || std::ranges::find(only, rung.name) != only.end() ||
                        std::ranges::find(only, rung.series) != only.end();
    if (wanted) outcome.rungs.push_back({rung, "", false, {}, {}, 0});
  }
  for (const std::string& name : only) {
    const bool there = std::ranges::any_of(
        outcome.rungs, [&](const RungOutcome& r) { return r.rung.name == name || r.rung.series == name; });
    if (!there)
      return fail("the lab " + outcome.experiment.name + " has no rung '" + name + "'", ExitCode::usage);
  }
  return success();
}

RoundPlan round_plan(const Outcome& outcome, const Place& place, const std::vector<int>& all_cpus) {
  const Experiment& experiment = outcome.experiment;
  const auto has = [&](const char* column) {
    return std::ranges::find(experiment.columns, column) != experiment.columns.end();
  };
  return {place,
          all_cpus,
          outcome.seconds,
          experiment.load,
          experiment.pauses_over_ms,
          experiment.samples,
          has("blocked_percent") || has("wait_us")};
}

// Why there can be no such number of connections; empty: there can.
std::string too_many(std::uint32_t connections) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (connections + kOtherFiles <= limit.rlim_max) return "";
  return "server and load need " + std::to_string(connections + kOtherFiles) +
         " open files each, and the hard limit is " + std::to_string(limit.rlim_max) + " (ulimit -Hn)";
}

// A rung that fails once is not tried again.
void run_once(RungOutcome& rung, const RoundPlan& plan) {
  rung.skipped = too_many(rung.rung.connections);
  if (!rung.skipped.empty()) return;
  auto round = run_round(rung.rung, plan);
  if (round) return rung.rounds.push_back(std::move(*round));
  if (stop_requested()) return;
  rung.skipped = round.error().message;
  rung.failed = round.error().code != ExitCode::usage;
}

// Every rung once, in turn: what drifts hits all alike.
void run_rungs(Outcome& outcome, const Place& place, const std::vector<int>& all_cpus,
               const Progress& progress) {
  const RoundPlan plan = round_plan(outcome, place, all_cpus);
  for (int round = 1; round <= outcome.most_rounds && !stop_requested(); round++) {
    for (RungOutcome& rung : outcome.rungs) {
      if (stop_requested()) break;
      if (!rung.skipped.empty()) continue;
      progress("round " + std::to_string(round) + " of " + std::to_string(outcome.least_rounds) + " to " +
               std::to_string(outcome.most_rounds) + ": " + rung.rung.name);
      run_once(rung, plan);
    }
    if (has_undisturbed(outcome, outcome.least_rounds) && widest_spread(outcome) <= outcome.experiment.spread)
      break;
  }
}

void set_limits(Outcome& outcome, const RunPlan& plan) {
  const Experiment& experiment = outcome.experiment;
  outcome.seconds = plan.seconds.value_or(plan.quick ? kQuickSeconds : experiment.seconds);
  const int one = plan.quick ? 1 : 0;
  outcome.least_rounds = plan.rounds.value_or(one > 0 ? one : experiment.least_rounds);
  outcome.most_rounds = plan.rounds.value_or(one > 0 ? one : experiment.most_rounds);
  if (plan.quick) outcome.experiment.requests = std::max<std::uint64_t>(outcome.experiment.requests / 10, 50);
}

}  // namespace

Result<Outcome> run(const Experiment& experiment, const RunPlan& plan, const Progress& progress) {
  Outcome outcome;
  outcome.experiment = experiment;
  outcome.notes = experiment.notes;
  set_limits(outcome, plan);
  if (auto chosen = choose_rungs(outcome, plan.only); !chosen) return chosen.error();
  const std::vector<int> all_cpus = allowed_cpus();
  const Place place = choose_place(experiment.cores, all_cpus);
  outcome.machine = machine_text();
  outcome.place = place.text;
  stay_on(place.load_cpus);
  const MachineUse use;
  if (experiment.kind == Kind::causes)
    run_causes(outcome, place, progress);
  else
    run_rungs(outcome, place, all_cpus, progress);
  outcome.noise = use.figures();
  outcome.interrupted = stop_requested();
  return outcome;
}

}  // namespace plateau::app::lab
