// One station of the mean value analysis whose speed depends on how many customers are at it: several
// servers, or a table of rates. Rates in completions per second.
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "model/network.h"

namespace plateau::model {

inline bool is_load_dependent(const Station& station) {
  if (station.kind != StationKind::queueing) return false;
  return !station.rates.empty() || (station.servers > 1 && station.demand > 0);
}

inline std::vector<std::size_t> load_dependent_stations(const std::vector<Station>& stations) {
  std::vector<std::size_t> list;
  for (std::size_t i = 0; i < stations.size(); i++)
    if (is_load_dependent(stations[i])) list.push_back(i);
  return list;
}

// With j >= 1 customers at a queueing station; infinite without demand.
inline double rate_at(const Station& station, std::size_t j) {
  if (!station.rates.empty()) return station.rates[std::min(j, station.rates.size()) - 1];
  if (station.demand <= 0) return std::numeric_limits<double>::infinity();
  return static_cast<double>(std::min<std::size_t>(j, station.servers)) / station.demand;
}

// Follows the probabilities p(j|n) that j customers are there while n go round, for j below the number from
// which on the rate is constant; the rest is in the mean queue.
class LoadDependence {
 public:
  explicit LoadDependence(const Station& station) {
    const std::size_t levels = station.rates.empty() ? station.servers : station.rates.size();
    for (std::size_t j = 1; j <= levels; j++) rates_.push_back(rate_at(station, j));
    p_.assign(levels, 0);
    p_[0] = 1;
  }

  // Of an arriving customer, s: sum over j of (j/rate(j)) p(j-1|n-1), split into what it would be at the
  // highest level's rate and what the slower levels add.
  double residence(double queue_before) const {
    const double full = 1 / rates_.back();
    double sum = (1 + queue_before) * full;
    for (std::size_t j = 1; j < rates_.size(); j++)
      sum += static_cast<double>(j) * (1 / rates_[j - 1] - full) * p_[j - 1];
    return sum;
  }

  // To one customer more, given the throughputs with it of the network and of the network without the
  // station.
  void advance(double throughput, double throughput_without) {
    for (std::size_t j = p_.size() - 1; j >= 1; j--) p_[j] = p_[j - 1] * throughput / rates_[j - 1];
    p_[0] *= throughput / throughput_without;
  }

 private:
  std::vector<double> rates_;
  std::vector<double> p_;  // by j
};

}  // namespace plateau::model
