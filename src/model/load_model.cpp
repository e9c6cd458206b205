#include "model/load_model.h"

#include <algorithm>
#include <cmath>

#include "model/mean_value_analysis.h"
#include "model/operational_laws.h"

namespace plateau::model {
namespace {

constexpr std::uint64_t kFewestInWindow = 50;
// Of the probes' run time, what the kernel puts down to the server: half of the switches from and to its
// threads are another's, and so are arrivals.
constexpr double kOnServer = 0.6;

}  // namespace

double other_cpu(const CaptureView& view) {
  const auto& f = view.summary().facts;
  if (!f.complete) return 0;
  double others = f.machine_busy * f.cpus * view.duration() - f.target_cpu_s;
  if (f.allowed_cpus && f.allowed_cpus < f.cpus)
    others = std::min(others, f.allowed_cpus * view.duration() - f.target_cpu_s);
  return view.per_request(std::max(0.0, others) * 1e9);
}

double probes_cpu(const CaptureView& view) {
  const auto& cost = view.summary().facts.cost;
  if (cost.window_requests < kFewestInWindow) return 0;
  const double all =
      static_cast<double>(cost.window_run_ns) / static_cast<double>(cost.window_requests) / 1e9;
  return all * kOnServer * view.summary().watched();
}

namespace {

constexpr double kBusyMachine = 0.9;   // share of the CPU time
constexpr double kWaitsForCpu = 0.25;  // share of the time in service

// Where the CPUs hold the server up, the other programs are taken for the load's own: nothing else explains
// that it got no more. Elsewhere, or where the server has CPUs of its own, they leave room.
Estimate client_cpu(const CaptureView& view, const Supplement& supplement) {
  if (supplement.client_cpu) return known(std::max(0.0, *supplement.client_cpu));
  const bool apart = supplement.cpus && *supplement.cpus < view.summary().facts.cpus;
  const double most = apart ? 0 : other_cpu(view);
  const auto& f = view.summary().facts;
  const bool own_cpus = f.allowed_cpus && f.allowed_cpus < f.cpus;
  return {cpus_contended(view) && !own_cpus ? most : 0, 0, most};
}

}  // namespace

unsigned whole(double number) {
  return static_cast<unsigned>(std::lround(std::clamp(number, 1.0, static_cast<double>(kMostCustomers))));
}

bool cpus_contended(const CaptureView& view) {
  using enum attribution::Stage;
  const double served = view.response() - view.stage({accept_wait, busy_loop, handoff, lock_user});
  return view.summary().facts.machine_busy >= kBusyMachine && view.stage({runqueue}) > kWaitsForCpu * served;
}

double slowdown_of(const CaptureView& view, double own) {
  if (!cpus_contended(view) || own <= 0) return 1;
  const double server = view.per_request(view.summary().facts.target_cpu_s * 1e9);
  return std::max(1.0, (server + other_cpu(view)) / own);
}

Load load_of(const CaptureView& view, const Supplement& supplement, std::vector<Unknown>& unknowns) {
  Load load;
  load.rate = supplement.arrival_rate;
  load.client_cpu = client_cpu(view, supplement);
  if (load.client_cpu.low < load.client_cpu.high)
    unknowns.push_back({"whose the CPU time is that the server does not use",
                        "the prediction leaves all CPUs to the server, its range reaches to a load on this "
                        "machine that needs as much for every request",
                        "run the load from another machine"});
  const double inside = number_inside(view.throughput(), view.response());
  if (supplement.connections) {
    load.customers = whole(*supplement.connections);
  } else {
    load.customers = whole(inside);
    if (!load.rate)
      unknowns.push_back({"how many clients there are and how long they think",
                          "taken as many as there are requests inside; with more clients a fix brings more",
                          "capture with another number of connections"});
  }
  load.think =
      std::max(0.0, think_time(load.customers, view.throughput(), view.response()) - load.client_cpu.value);
  return load;
}

}  // namespace plateau::model
