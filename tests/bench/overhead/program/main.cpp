// overhead: what attaching plateau costs the server (design section 7).
#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "overhead/experiment.h"
#include "overhead/options.h"
#include "overhead/report.h"
#include "overhead/stop.h"

namespace {

using namespace plateau;
using namespace plateau::overhead;

int complain(const Error& error) {
  std::fprintf(stderr, "overhead: %s\n", error.message.c_str());
  return static_cast<int>(error.code);
}

Status settle_down() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(kLoadCpu, &cpus);
  if (sched_setaffinity(0, sizeof(cpus), &cpus) != 0)
    return fail("needs two CPUs, 0 for the server and 1 for the load", ExitCode::unsupported);
  if (geteuid() != 0) return fail("needs root: plateau is attached", ExitCode::unsupported);
  catch_stop_signals();
  return success();
}

void show(const ExperimentResult& result) {
  const Round& off = result.off.back();
  std::fprintf(stderr, "%s %s pair %zu: off %.0f/s", server_name(result.server), result.load.name().c_str(),
               result.off.size(), off.load.per_second);
  for (const auto& watcher : result.watchers)
    if (!watcher.on.empty())
      std::fprintf(stderr, ", %s %.3f (CPU %.3f)", watcher_name(watcher.kind),
                   watcher.on.back().load.per_second / off.load.per_second,
                   watcher.on.back().cpu_ns_per_request / off.cpu_ns_per_request);
  std::fprintf(stderr, "\n");
}

// Stops at the first experiment that fails; `results` holds what was measured until then.
Status run_all(const Options& options, std::vector<ExperimentResult>& results) {
  for (const ServerKind server : options.servers) {
    for (const Load& load : options.loads) {
      ExperimentPlan plan{
          server, load, options.pairs, options.seconds, options.settle_seconds, {}, options.counted_rounds};
      if (options.levels)
        plan.watchers = {WatcherKind::low, WatcherKind::full, WatcherKind::high};
      else
        plan.watchers = {WatcherKind::plateau};
      plan.watchers.insert(plan.watchers.end(), options.peers.begin(), options.peers.end());
      auto result = run_experiment(plan, show);
      if (!result) return result.error();
      results.push_back(std::move(*result));
      if (!results.back().ended_early.empty()) return fail(results.back().ended_early);
    }
  }
  return success();
}

Status write_json(const std::string& path, const std::vector<ExperimentResult>& results) {
  if (!(std::ofstream(path) << json_report(results) << std::flush)) return fail("cannot write " + path);
  return success();
}

}  // namespace

int main(int argc, char** argv) {
  const auto invocation = parse_command_line(argc, argv);
  if (!invocation) return complain(invocation.error());
  if (!invocation->text.empty()) {
    std::fputs(invocation->text.c_str(), stdout);
    return 0;
  }
  const Options& options = invocation->options;
  if (auto settled = settle_down(); !settled) return complain(settled.error());
  std::vector<ExperimentResult> results;
  const Status done = run_all(options, results);
  if (!results.empty()) std::fputs(markdown_report(results).c_str(), stdout);
  if (!results.empty() && options.levels) std::fputs(levels_report(results).c_str(), stdout);
  if (!results.empty() && !options.json_file.empty())
    if (auto written = write_json(options.json_file, results); !written) return complain(written.error());
  if (!done) return complain(done.error());
  return std::fflush(stdout) == 0 ? 0 : complain(fail("cannot write to standard output"));
}
