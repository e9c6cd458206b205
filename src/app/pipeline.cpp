#include "app/pipeline.h"

namespace plateau::app {

Pipeline::Pipeline(attribution::AggregateLimits limits)
    : aggregate_(limits), stitcher_([this](const request::Request& request) { take(request); }) {}

void Pipeline::take(const request::Request& request) {
  if (full()) return;
  const attribution::Budget budget = attribution::budget_of(request);
  aggregate_.add(request, budget);
  for (const auto& callback : on_request_) callback(request, budget);
}

}  // namespace plateau::app
