#include "load/plan.h"

namespace plateau::load {

Plan plan_of(const Options& options) {
  Plan plan;
  plan.requests = options.requests;
  const std::uint64_t each = options.step_ns > 0 ? options.step_ns : options.duration_ns;
  for (const double rate : options.rates) plan.steps.push_back({rate, each});
  if (plan.steps.empty()) plan.steps.push_back({0, each});
  return plan;
}

}  // namespace plateau::load
