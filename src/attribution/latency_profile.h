// The stages of requests by how long the requests took: what those near a percentile, or the slowest, spend
// their time on. Latencies are cut into eight buckets for each power of two; memory is bounded by their
// number (about 300 B each, some 40 in use, 344 at most).
#pragma once

#include <array>
#include <cstdint>
#include <map>

#include "attribution/budget.h"
#include "attribution/stage.h"

namespace plateau::attribution {

// Requests of a range of latencies.
struct LatencyBand {
  double requests = 0;
  double latency_ns = 0;  // mean
  std::array<double, kStages> mean_ns{};
  std::array<double, kStages> variance{};  // ns squared, of one request
};

class LatencyProfile {
 public:
  void add(const Budget& budget);
  void merge(const LatencyProfile& other);

  // The requests between two quantiles of the latency, 0…1. A bucket that lies across an edge counts in
  // proportion. Without requests all is 0.
  LatencyBand band(double from, double to) const;

  std::uint64_t count() const { return count_; }

 private:
  struct Cell {
    std::uint64_t count = 0;
    std::array<std::uint64_t, kStages> sum_ns{};
    std::array<double, kStages> squares{};
  };
  static std::uint32_t bucket_of(std::uint64_t ns);

  std::map<std::uint32_t, Cell> cells_;
  std::uint64_t count_ = 0;
};

// The band whose budget stands for a percentile: the requests around it, so that one odd request does not
// count for all.
LatencyBand around(const LatencyProfile& profile, double quantile);

}  // namespace plateau::attribution
