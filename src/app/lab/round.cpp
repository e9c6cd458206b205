#include "app/lab/round.h"

#include <algorithm>

#include "app/lab/server.h"
#include "app/lab/stop.h"
#include "app/lab/system.h"
#include "app/lab/watch.h"
#include "base/clock.h"

namespace plateau::app::lab {
namespace {

constexpr std::uint64_t kSampleNs = 200'000'000;
constexpr std::uint64_t kSliceNs = 20'000'000;
constexpr double kWatchSlackS = 20;

std::uint64_t own_cpu_ns() {
  return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

// Reads the server's memory every 200 ms, and its threads' times a fifth of the load after its begin and
// before its end.
class Sampler {
 public:
  Sampler(pid_t pid, const RoundPlan& plan) : pid_(pid), begin_ns_(monotonic_ns()), plan_(plan) {}

  void tick() {
    const std::uint64_t now = monotonic_ns();
    const double share = static_cast<double>(now - begin_ns_) / (plan_.seconds * 1e9);
    if (readings_.empty() || now - readings_.back().at_ns >= kSampleNs) {
      const Memory memory = memory_of(pid_);
      if (memory.threads > 0) readings_.push_back({now, memory.rss_bytes, memory.threads});
    }
    if (plan_.sleeps && share > 0.2 && first_.at_ns == 0) first_ = thread_times(pid_);
    if (plan_.sleeps && share > 0.8 && last_.at_ns == 0) last_ = thread_times(pid_);
  }

  const std::vector<MemoryReading>& readings() const { return readings_; }

  void fill(ProcessFigures& figures) const {
    for (const MemoryReading& reading : readings_) {
      figures.rss_bytes = std::max(figures.rss_bytes, reading.rss_bytes);
      figures.threads = std::max(figures.threads, reading.threads);
    }
    if (last_.at_ns != 0) add_sleeps(first_, last_, figures);
  }

 private:
  pid_t pid_;
  std::uint64_t begin_ns_;
  const RoundPlan& plan_;
  std::vector<MemoryReading> readings_;
  ThreadTimes first_;
  ThreadTimes last_;
};

// What the machine and the server had used when the load began.
struct Before {
  MachineTime machine = machine_time();
  std::uint64_t server_ns = 0;
  std::uint64_t own_ns = own_cpu_ns();
  std::uint64_t at_ns = monotonic_ns();
};

void fill_use(const Before& before, pid_t server, std::uint64_t load_cpu_ns, Figures& figures) {
  const double elapsed = static_cast<double>(monotonic_ns() - before.at_ns);
  figures.process.cpu_ns = cpu_ns_of(server) - before.server_ns;
  figures.process.seconds = elapsed / 1e9;
  const auto ours = static_cast<double>(figures.process.cpu_ns + load_cpu_ns + own_cpu_ns() - before.own_ns);
  figures.machine = machine_figures(machine_time() - before.machine, ours, elapsed);
}

LoadPlan load_plan(const Server& server, const Rung& rung, const RoundPlan& plan) {
  return {server.url(rung.scheme, rung.path), load_arguments(plan.load, rung.load), plan.place.load_cpus,
          plan.seconds, false};
}

Status measure(const Server& server, const Rung& rung, const RoundPlan& plan, Round& round) {
  LoadPlan load_to_run = load_plan(server, rung, plan);
  load_to_run.log = plan.samples || plan.pauses_over_ms > 0;
  Before before;
  before.server_ns = cpu_ns_of(server.pid());
  auto load = Load::start(load_to_run);
  if (!load) return load.error();
  Sampler sampler(server.pid(), plan);
  const auto report = load->finish([&] { sampler.tick(); });
  if (!report) return report.error();
  if (report->figures.answered == 0)
    return fail("no request was answered in " + format_figure(plan.seconds, 1) + " s");
  round.figures.load = report->figures;
  fill_use(before, server.pid(), report->cpu_ns, round.figures);
  sampler.fill(round.figures.process);
  if (!load_to_run.log) return success();
  const auto requests = load->requests();
  if (!requests) return requests.error();
  if (plan.samples) round.samples = samples_of(sampler.readings(), *requests);
  if (plan.pauses_over_ms > 0) {
    round.figures.pauses = find_pauses(*requests, plan.pauses_over_ms * 1e6);
    round.slowest = slowest_by_slice(*requests, kSliceNs);
  }
  return success();
}

// A lab goes on where plateau explain cannot look, and says so.
Status explain(const Server& server, const Rung& rung, const RoundPlan& plan, Round& round) {
  LoadPlan load_to_run = load_plan(server, rung, plan);
  load_to_run.seconds = plan.seconds + kWatchSlackS;
  auto load = Load::start(load_to_run);
  if (!load) return load.error();
  auto said = watch(server.pid(), plan.seconds, plan.place.load_cpus, rung.explain);
  load->stop();
  const auto ended = load->finish();
  if (stop_requested()) return fail("interrupted");
  if (!ended) return ended.error();
  if (said)
    round.said = std::move(*said);
  else
    round.not_said = said.error().message;
  return success();
}

}  // namespace

Result<Round> run_round(const Rung& rung, const RoundPlan& plan) {
  const auto& cpus = rung.all_cpus ? plan.all_cpus : plan.place.server_cpus;
  auto server = Server::start({rung.program, rung.server, cpus, false});
  if (!server) return server.error();
  Round round;
  if (auto done = measure(*server, rung, plan, round); !done) return done.error();
  if (auto done = explain(*server, rung, plan, round); !done) return done.error();
  if (auto stopped = server->stop(); !stopped) return stopped.error();
  return round;
}

}  // namespace plateau::app::lab
