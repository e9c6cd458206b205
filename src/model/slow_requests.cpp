#include "model/slow_requests.h"

#include <algorithm>
#include <cmath>

namespace plateau::model {
namespace {

using attribution::kStages;
using attribution::LatencyBand;

// The 97.5th percentile of Student's t, within 1 % from 9 degrees of freedom on.
double student(double degrees) {
  return 1.96 + 2.72 / std::max(1.0, degrees);
}

StageDifference difference_of(std::size_t stage, const LatencyBand& slow, const LatencyBand& ordinary) {
  StageDifference d;
  d.stage = static_cast<attribution::Stage>(stage);
  d.slow_ns = slow.mean_ns[stage];
  d.ordinary_ns = ordinary.mean_ns[stage];
  d.difference_ns = d.slow_ns - d.ordinary_ns;
  const double error =
      std::sqrt(slow.variance[stage] / slow.requests + ordinary.variance[stage] / ordinary.requests);
  const double reach = student(std::min(slow.requests, ordinary.requests) - 1) * error;
  d.low_ns = d.difference_ns - reach;
  d.high_ns = d.difference_ns + reach;
  return d;
}

std::vector<SlowRoute> routes_of(const attribution::Summary& s, double share) {
  const std::uint64_t limit = s.total.latency.quantile(1 - share);
  double slow = 0;
  std::vector<SlowRoute> routes;
  for (const auto& r : s.routes) {
    const auto above = static_cast<double>(r.count - std::min(r.count, r.latency.at_most(limit)));
    slow += above;
    routes.push_back(
        {r.method, r.route, above, static_cast<double>(r.count) / static_cast<double>(s.total.count)});
  }
  for (SlowRoute& route : routes) route.of_slow = slow > 0 ? route.of_slow / slow : 0;
  std::stable_sort(routes.begin(), routes.end(),
                   [](const SlowRoute& a, const SlowRoute& b) { return a.of_slow > b.of_slow; });
  return routes;
}

}  // namespace

std::optional<SlowRequests> slow_requests_of(const attribution::Summary& summary) {
  const auto& profile = summary.insight.profile;
  if (profile.count() < kFewestToCompare) return std::nullopt;
  SlowRequests result;
  result.share = std::max(0.01, kFewestSlow / static_cast<double>(profile.count()));
  const LatencyBand slow = profile.band(1 - result.share, 1), ordinary = profile.band(0.45, 0.55);
  if (slow.requests < 2 || ordinary.requests < 2) return std::nullopt;
  result.slow = slow.requests;
  result.ordinary = ordinary.requests;
  result.slow_ns = slow.latency_ns;
  result.ordinary_ns = ordinary.latency_ns;
  for (std::size_t i = 0; i < kStages; i++)
    if (slow.mean_ns[i] + ordinary.mean_ns[i] > 0) result.stages.push_back(difference_of(i, slow, ordinary));
  std::stable_sort(result.stages.begin(), result.stages.end(),
                   [](const auto& a, const auto& b) { return a.difference_ns > b.difference_ns; });
  result.routes = routes_of(summary, result.share);
  return result;
}

}  // namespace plateau::model
