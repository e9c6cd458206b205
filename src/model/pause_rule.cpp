#include "model/pause_rule.h"

#include <algorithm>

#include "base/units.h"

namespace plateau::model {
namespace {

using attribution::Stage;

// Stalls that matter: so long, so many, and in all so much of the time.
constexpr std::uint64_t kStall = 4'194'304, kFewestStalls = 2;
constexpr double kStalled = 0.004;

// Where the requests that sat through were, mostly; nullopt: the CPU was taken away.
std::optional<Stage> sat_in(const attribution::Stalls& stalls) {
  const auto in = [&](Stage stage) { return stalls.stage_ns[attribution::index(stage)]; };
  std::uint64_t all = 0;
  for (const auto ns : stalls.stage_ns) all += ns;
  if (all == 0 || 2 * (in(Stage::runqueue) + in(Stage::wakeup)) > all) return std::nullopt;
  return static_cast<Stage>(std::max_element(stalls.stage_ns.begin(), stalls.stage_ns.end()) -
                            stalls.stage_ns.begin());
}

}  // namespace

std::optional<Finding> pauses_of(const attribution::Summary& s) {
  const auto mean_apart = static_cast<std::uint64_t>(1e9 / std::max(1e-9, s.throughput()));
  const auto median = s.total.latency.quantile(0.5);
  const auto stalls = s.insight.pattern.stalls(std::max({kStall, 8 * mean_apart, 2 * median}), 2);
  const double part =
      static_cast<double>(stalls.sum_ns) / static_cast<double>(std::max<std::uint64_t>(1, s.interval_ns));
  if (stalls.count < kFewestStalls || part < kStalled) return std::nullopt;
  const auto stage = sat_in(stalls);
  if (!stage) return std::nullopt;
  return Finding{
      Cause::stop_the_world_pauses,
      part,
      {format_count(stalls.count) + " times nothing was answered for " +
           format_duration(stalls.sum_ns / stalls.count) +
           " on average, though requests were inside; about every " +
           format_duration(s.interval_ns / stalls.count),
       format_count(stalls.sat_through) + " requests sat through one, mostly in " +
           std::string(attribution::kStageNames[attribution::index(*stage)]),
       "p50 " + format_duration(median) + ", p99 " + format_duration(s.total.latency.quantile(0.99)) +
           ", max " + format_duration(s.total.latency.max_ns())}};
}

}  // namespace plateau::model
