// How much the demands vary from request to request, where it was not measured.
#pragma once

#include "base/result.h"
#include "model/service_model.h"

namespace plateau::model {

// Of the requests of one route, where it is not known: calls, sleeps and holds of about the same length.
inline constexpr double kUsualVariation = 0.1;

// Sets one squared coefficient of variation for all centers: of a handful (0 … 4) the one with which the
// simulation comes nearest to the observed p50 and p99, as the sum of their absolute logarithmic errors. It
// matters where requests seldom wait: there half of them take 0.69 of the mean if service is exponential, and
// all of it if service is constant.
//
// False: something is used up, the percentiles tell of its queue and of disturbances, and the centers are
// left as they were. Fails where no percentiles were observed or the model cannot be simulated.
Result<bool> fit_variability(ServiceModel& model);

}  // namespace plateau::model
