// How much the demands vary from request to request, where it was not measured.
#pragma once

#include "base/result.h"
#include "model/service_model.h"

namespace plateau::model {

// Used where a queue hides the demands' own variation.
inline constexpr double kUsualVariation = 0.25;

// Sets one squared coefficient of variation for all centers: of a handful (0 … 4) the one with which the
// simulation comes nearest to the observed p50 and p99, as the sum of their absolute logarithmic errors. It
// matters where requests seldom wait: there half of them take 0.69 of the mean if service is exponential, and
// all of it if service is constant. Where something is used up, the percentiles tell of its queue and of
// disturbances instead, and it is kUsualVariation. Fails where no percentiles were observed or the model
// cannot be simulated.
Result<double> fit_variability(ServiceModel& model);

}  // namespace plateau::model
