#include "model/variability.h"

#include <cmath>
#include <limits>

#include "model/prediction.h"

namespace plateau::model {
namespace {

constexpr double kCandidates[] = {0, 0.05, 0.15, 0.4, 1, 2, 4};

constexpr SimulationOptions kShort{1, 2'000, 20'000};

void set_all(ServiceModel& model, double scv) {
  for (ServiceCenter& center : model.centers) center.scv = scv;
}

}  // namespace

Result<bool> fit_variability(ServiceModel& model) {
  const Observed& seen = model.observed;
  if (!(seen.p50 > 0) || !(seen.p99 > 0)) return fail("no percentiles were observed to fit to");
  const auto today = predict(model, kShort);
  if (!today) return today.error();
  if (today->bottleneck != "load") return false;
  double best = kUsualVariation, least = std::numeric_limits<double>::infinity();
  ServiceModel trial = model;
  for (const double scv : kCandidates) {
    set_all(trial, scv);
    const auto result = simulate(plan_of(trial), kShort);
    if (!result) return result.error();
    if (!result->steady || result->p50 <= 0 || result->p99 <= 0) continue;
    const double miss =
        std::abs(std::log(result->p50 / seen.p50)) + std::abs(std::log(result->p99 / seen.p99));
    if (miss >= least) continue;
    least = miss;
    best = scv;
  }
  set_all(model, best);
  return true;
}

}  // namespace plateau::model
