// Each switch off and on: the truth log says what was planted, plateau requests what it saw.
#include <algorithm>
#include <csignal>
#include <sstream>

#include "app/lab/budgets.h"
#include "app/lab/load.h"
#include "app/lab/runner.h"
#include "app/lab/server.h"
#include "app/lab/stop.h"
#include "app/lab/system.h"

namespace plateau::app::lab {
namespace {

constexpr int kReadyMs = 20'000;
constexpr int kEndMs = 20'000;

Result<Child> watch_requests(const Server& server, const std::string& detail, const Place& place) {
  std::vector<std::string> command{own_program(), "requests", "--pid", std::to_string(server.pid()),
                                   "--format",    "json"};
  if (!detail.empty()) command.insert(command.end(), {"--detail", detail});
  auto child = Child::start({command, place.load_cpus, {}});
  if (!child) return child.error();
  const auto live = [&] { return child->err().find("plateau: ready\n") != std::string::npos; };
  if (auto ready = child->wait_until(live, kReadyMs, "it was ready"); !ready) return ready.error();
  return child;
}

Status read_requests(const std::string& text, std::uint16_t port, Budgets& budgets) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (auto read = add_request(line, port, budgets); !read) return read;
  return success();
}

Status read_truth(const Server& server, Budgets& truth) {
  std::string wrong;
  const auto read = server.truth()->for_each_line([&](std::string_view line) {
    if (auto added = add_truth(line, truth); !added) wrong = added.error().message;
  });
  if (!read) return read;
  return wrong.empty() ? success() : Status(fail(wrong));
}

struct CausePlan {
  const Outcome& outcome;
  const Place& place;
};

Status load_server(const Server& server, const Rung& rung, const CausePlan& plan) {
  const Experiment& experiment = plan.outcome.experiment;
  LoadPlan load{server.url(rung.scheme, rung.path), load_arguments(experiment.load, rung.load),
                plan.place.load_cpus, 0, false};
  load.arguments.insert(load.arguments.end(), {"--requests", std::to_string(experiment.requests)});
  auto running = Load::start(load);
  if (!running) return running.error();
  const auto report = running->finish();
  if (!report) return report.error();
  if (report->figures.errors > 0) return fail(std::to_string(report->figures.errors) + " requests failed");
  return success();
}

// Adds what one run shows to `run`.
Status run_once(const Rung& rung, const std::vector<std::string>& arguments, const CausePlan& plan,
                CauseRun& run) {
  auto server = Server::start({rung.program, arguments, plan.place.server_cpus, true});
  if (!server) return server.error();
  auto requests = watch_requests(*server, rung.detail, plan.place);
  if (!requests) return requests.error();
  if (auto loaded = load_server(*server, rung, plan); !loaded) return loaded;
  requests->signal(SIGINT);
  const auto ending = requests->finish(kEndMs);
  if (!ending) return ending.error();
  if (auto stopped = server->stop(); !stopped) return stopped;
  if (auto read = read_requests(requests->out(), server->port(), run.budgets); !read) return read;
  return read_truth(*server, run.truth);
}

// Off and on in turn, so that what drifts hits both alike.
Result<std::vector<CauseRow>> compare(const Rung& rung, const CausePlan& plan) {
  CauseRun off;
  CauseRun on;
  for (int round = 0; round < plan.outcome.least_rounds; round++) {
    if (auto done = run_once(rung, rung.base, plan, off); !done) return done.error();
    if (auto done = run_once(rung, rung.server, plan, on); !done) return done.error();
  }
  return judge_cause(rung, off, on);
}

bool all_ok(const std::vector<CauseRow>& rows) {
  return std::ranges::all_of(rows, [](const CauseRow& row) { return row.ok && row.other_ok; });
}

// What others disturbed and what missed is measured again, from the beginning.
Status run_cause(RungOutcome& rung, const CausePlan& plan) {
  const int most = std::max(1, plan.outcome.most_rounds / plan.outcome.least_rounds);
  for (rung.attempts = 1;; rung.attempts++) {
    const MachineUse use;
    auto rows = compare(rung.rung, plan);
    if (!rows) return rows.error();
    rung.causes = std::move(*rows);
    const bool disturbed = is_disturbed(use.figures());
    if (!disturbed || all_ok(rung.causes) || !rung.rung.blind.empty() || rung.attempts >= most)
      return success();
  }
}

}  // namespace

void run_causes(Outcome& outcome, const Place& place, const Progress& progress) {
  std::size_t number = 0;
  for (RungOutcome& rung : outcome.rungs) {
    if (stop_requested()) return;
    progress(std::to_string(++number) + " of " + std::to_string(outcome.rungs.size()) + ": " +
             rung.rung.name);
    const auto done = run_cause(rung, {outcome, place});
    if (done || stop_requested()) continue;
    rung.skipped = done.error().message;
    rung.failed = done.error().code != ExitCode::usage;
  }
}

}  // namespace plateau::app::lab
