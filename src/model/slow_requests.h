// What the slowest requests do differently from the ordinary ones, stage by stage.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "attribution/stage.h"
#include "attribution/summary.h"

namespace plateau::model {

// Times in ns, means of a request.
struct StageDifference {
  attribution::Stage stage = attribution::Stage::unattributed;
  double slow_ns = 0;
  double ordinary_ns = 0;
  double difference_ns = 0;
  // 95 % interval of the difference, by Welch's method: unequal variances, and requests taken as independent
  // of each other. (A pause makes many slow at once: the interval is then too narrow.)
  double low_ns = 0;
  double high_ns = 0;

  bool differs() const { return low_ns > 0 || high_ns < 0; }
};

// How a route's requests are spread.
struct SlowRoute {
  std::string method;
  std::string route;
  double of_slow = 0;  // its share of the slowest, 0…1
  double of_all = 0;
};

struct SlowRequests {
  double share = 0.01;  // the slowest so many: 1 %, or kFewestSlow where that is less
  double slow = 0;      // requests compared
  double ordinary = 0;  // around the median
  double slow_ns = 0;   // mean latency
  double ordinary_ns = 0;
  std::vector<StageDifference> stages;  // by falling difference; those of no time in either are left out
  std::vector<SlowRoute> routes;        // by falling share of the slowest
};

inline constexpr double kFewestSlow = 10;
inline constexpr std::uint64_t kFewestToCompare = 100;

// The slowest 1 % against those from the 45th to the 55th percentile. nullopt: fewer than kFewestToCompare
// requests, or the summary has no insight.
std::optional<SlowRequests> slow_requests_of(const attribution::Summary& summary);

}  // namespace plateau::model
