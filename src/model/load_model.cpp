#include "model/load_model.h"

#include <algorithm>
#include <cmath>

#include "model/operational_laws.h"

namespace plateau::model {

double other_cpu(const CaptureView& view) {
  const auto& f = view.summary().facts;
  if (!f.complete || view.requests() <= 0) return 0;
  const double all = f.machine_busy * f.cpus * view.duration();
  return std::max(0.0, all - f.target_cpu_s) / view.requests();
}

Load load_of(const CaptureView& view, const Supplement& supplement, std::vector<std::string>& unknowns) {
  Load load;
  load.rate = supplement.arrival_rate;
  const bool apart = supplement.cpus && *supplement.cpus < view.summary().facts.cpus;
  load.client_cpu = apart ? 0 : other_cpu(view);
  if (load.client_cpu > 0 && !load.rate)
    unknowns.push_back(
        "who uses the CPU time that is not the server's: it is taken to grow with the requests, as a load "
        "generator's on the same machine does; run the load from another machine");
  const double inside = number_inside(view.throughput(), view.response());
  if (supplement.connections) {
    load.customers = std::max(1u, *supplement.connections);
  } else {
    load.customers = static_cast<unsigned>(std::max(1l, std::lround(inside)));
    if (!load.rate)
      unknowns.push_back(
          "how many clients there are and how long they think: taken as many as there are requests inside; "
          "with more clients a fix brings more; repeat the capture with another number of connections");
  }
  load.think =
      std::max(0.0, think_time(load.customers, view.throughput(), view.response()) - load.client_cpu);
  return load;
}

}  // namespace plateau::model
