#include "overhead/experiment.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "overhead/stop.h"

namespace plateau::overhead {
namespace {

constexpr int kWarmUpSeconds = 1;

class Experiment {
 public:
  Experiment(const ExperimentPlan& plan, const Server& server) : plan_(plan), server_(server) {
    result_.server = plan.server;
    result_.load = plan.load;
    result_.seconds = plan.seconds;
    for (const WatcherKind kind : plan.watchers) result_.watchers.push_back({kind, {}, {}, {}});
  }

  // Only whole pairs are kept.
  Status run_pairs(const Progress& progress) {
    for (int pair = 0; pair < plan_.pairs; pair++) {
      if (auto done = run_pair(pair % 2 == 1); !done) return done;
      progress(result_);
    }
    return success();
  }

  Status run_counted() {
    for (auto& watcher : result_.watchers) {
      if (!has_bpf(watcher.kind) || !watcher.skipped.empty()) continue;
      for (int i = 0; i < plan_.counted_rounds; i++) {
        auto round =
            run_round(server_, {plan_.load, plan_.seconds, plan_.settle_seconds, watcher.kind, true});
        if (!round) return round.error();
        watcher.counted.push_back(std::move(*round));
      }
    }
    return success();
  }

  ExperimentResult take() { return std::move(result_); }
  void ended_early(const Error& error) { result_.ended_early = error.message; }

 private:
  static bool has_bpf(WatcherKind kind) {
    return is_plateau(kind) || is_profile(kind) || kind == WatcherKind::bpftrace;
  }

  // Off, then each watcher; the other way round if `reversed`.
  Status run_pair(bool reversed) {
    std::vector<std::optional<Round>> rounds(result_.watchers.size() + 1);
    for (std::size_t i = 0; i < rounds.size(); i++) {
      const std::size_t place = reversed ? rounds.size() - 1 - i : i;
      if (auto done = run_place(place, rounds[place]); !done) return done;
    }
    result_.off.push_back(std::move(*rounds[0]));
    for (std::size_t i = 1; i < rounds.size(); i++)
      if (rounds[i]) result_.watchers[i - 1].on.push_back(std::move(*rounds[i]));
    return success();
  }

  // Place 0 is the off round. Leaves `into` empty where a peer was given up.
  Status run_place(std::size_t place, std::optional<Round>& into) {
    WatcherRounds* const watcher = place ? &result_.watchers[place - 1] : nullptr;
    if (watcher && !watcher->skipped.empty()) return success();
    RoundPlan plan{plan_.load, plan_.seconds, plan_.settle_seconds, std::nullopt, false};
    if (watcher) plan.watcher = watcher->kind;
    auto round = run_round(server_, plan);
    if (round) {
      into = std::move(*round);
    } else if (watcher && !is_plateau(watcher->kind) && !stop_requested()) {
      watcher->skipped = round.error().message;
      watcher->on.clear();
    } else {
      return round.error();
    }
    return success();
  }

  const ExperimentPlan& plan_;
  const Server& server_;
  ExperimentResult result_;
};

}  // namespace

Result<ExperimentResult> run_experiment(const ExperimentPlan& plan, const Progress& progress) {
  const auto server = Server::start(plan.server);
  if (!server) return server.error();
  if (auto warm = run_round(*server, {plan.load, kWarmUpSeconds, 0, std::nullopt, false}); !warm)
    return warm.error();
  Experiment experiment(plan, *server);
  Status done = experiment.run_pairs(progress);
  if (done) done = experiment.run_counted();
  if (!done) experiment.ended_early(done.error());
  return experiment.take();
}

}  // namespace plateau::overhead
