#include "model/mean_value_analysis.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/load_dependence.h"

namespace plateau::model {
namespace {

Status check_size(const ClosedNetwork& network, unsigned customers) {
  if (customers == 0 || customers > kMostCustomers)
    return fail("mean value analysis: between 1 and " + std::to_string(kMostCustomers) + " customers, not " +
                std::to_string(customers));
  if (Status status = check(network); !status) return status;
  if (load_dependent_stations(network.stations).size() > kMostSubsets)
    return fail("mean value analysis: more than " + std::to_string(kMostSubsets) +
                " stations with several servers");
  if (network.think + total_demand(network.stations) <= 0)
    return fail("mean value analysis: no station has a demand");
  return success();
}

// One network of the subset recursion: all ordinary stations, and of the load-dependent ones those in `mask`.
class Subset {
 public:
  Subset(const ClosedNetwork& network, const std::vector<std::size_t>& dependent, unsigned mask)
      : network_(network), queues_(network.stations.size()), residences_(network.stations.size()) {
    for (std::size_t i = 0; i < network.stations.size(); i++)
      if (!is_load_dependent(network.stations[i])) ordinary_.push_back(i);
    for (std::size_t bit = 0; bit < dependent.size(); bit++)
      if (mask >> bit & 1u)
        dependent_.push_back({dependent[bit], mask & ~(1u << bit), network.stations[dependent[bit]]});
  }

  // From n-1 to n customers. `throughputs` of all smaller subsets are complete.
  double step(unsigned n, const std::vector<std::vector<double>>& throughputs) {
    double response = 0;
    for (const std::size_t i : ordinary_) {
      const Station& s = network_.stations[i];
      residences_[i] = s.demand * (s.kind == StationKind::delay ? 1 : 1 + queues_[i]);
      response += residences_[i];
    }
    for (const Dependent& d : dependent_) {
      residences_[d.index] = d.load.residence(queues_[d.index]);
      response += residences_[d.index];
    }
    const double cycle = network_.think + response;
    const double throughput = cycle > 0 ? n / cycle : std::numeric_limits<double>::infinity();
    for (const std::size_t i : ordinary_) queues_[i] = n_at(throughput, residences_[i]);
    for (Dependent& d : dependent_) {
      queues_[d.index] = n_at(throughput, residences_[d.index]);
      d.load.advance(throughput, throughputs[d.without][n]);
    }
    response_ = response;
    return throughput;
  }

  ClosedSolution solution(unsigned n, double throughput) const {
    ClosedSolution s{n, throughput, response_, {}};
    for (std::size_t i = 0; i < queues_.size(); i++)
      s.stations.push_back({residences_[i], queues_[i], utilisation(network_.stations[i], throughput)});
    return s;
  }

 private:
  struct Dependent {
    std::size_t index;
    unsigned without;  // the subset less this station
    LoadDependence load;

    Dependent(std::size_t i, unsigned mask, const Station& station)
        : index(i), without(mask), load(station) {}
  };

  // No demand: nobody there, however fast customers come round.
  static double n_at(double throughput, double residence) {
    return residence > 0 ? throughput * residence : 0;
  }
  static double utilisation(const Station& s, double throughput) {
    if (s.kind == StationKind::delay) return throughput * s.demand;
    return throughput / s.capacity();
  }

  const ClosedNetwork& network_;
  std::vector<std::size_t> ordinary_;
  std::vector<Dependent> dependent_;
  std::vector<double> queues_;
  std::vector<double> residences_;
  double response_ = 0;
};

// Throughputs of every subset but the whole, which comes last; `each` sees the whole one's steps.
template <class Each>
std::vector<double> solve_subsets(const ClosedNetwork& network, unsigned customers, Each each) {
  const auto dependent = load_dependent_stations(network.stations);
  const unsigned whole = (1u << dependent.size()) - 1;
  std::vector<std::vector<double>> throughputs(whole + 1);
  for (unsigned mask = 0; mask <= whole; mask++) {
    Subset subset(network, dependent, mask);
    throughputs[mask].assign(customers + 1, 0);
    for (unsigned n = 1; n <= customers; n++) {
      throughputs[mask][n] = subset.step(n, throughputs);
      if (mask == whole) each(subset, n, throughputs[mask][n]);
    }
  }
  return throughputs[whole];
}

}  // namespace

Result<std::vector<ClosedSolution>> solve_closed(const ClosedNetwork& network, unsigned customers) {
  if (Status status = check_size(network, customers); !status) return status.error();
  std::vector<ClosedSolution> solutions;
  solutions.reserve(customers);
  solve_subsets(network, customers, [&](const Subset& subset, unsigned n, double throughput) {
    solutions.push_back(subset.solution(n, throughput));
  });
  return solutions;
}

Result<std::vector<double>> closed_throughputs(const ClosedNetwork& network, unsigned customers) {
  if (Status status = check_size(network, customers); !status) return status.error();
  return solve_subsets(network, customers, [](const Subset&, unsigned, double) {});
}

Result<std::vector<double>> marginal_distribution(const ClosedNetwork& network, std::size_t index,
                                                  unsigned customers) {
  if (index >= network.stations.size() || network.stations[index].kind == StationKind::delay)
    return fail("marginal distribution: not a queueing station of the network");
  std::vector<double> p(customers + 1, 0);
  p[0] = 1;
  if (customers == 0) return p;
  const auto all = closed_throughputs(network, customers);
  if (!all) return all.error();
  ClosedNetwork others = network;
  others.stations.erase(others.stations.begin() + static_cast<std::ptrdiff_t>(index));
  std::vector<double> without(customers + 1, std::numeric_limits<double>::infinity());
  if (others.think + total_demand(others.stations) > 0) without = *closed_throughputs(others, customers);
  std::vector<double> log_empty(customers + 1, 0);  // of p(0|n)
  for (unsigned n = 1; n <= customers; n++)
    log_empty[n] = log_empty[n - 1] + std::log((*all)[n] / without[n]);
  double log_product = 0;
  for (unsigned j = 0; j <= customers; j++) {
    p[j] = std::exp(log_product + log_empty[customers - j]);
    log_product += std::log((*all)[customers - j] / rate_at(network.stations[index], j + 1));
  }
  return p;
}

}  // namespace plateau::model
