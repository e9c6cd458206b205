// What the load does: how many clients, and how long they wait between an answer and the next request.
#pragma once

#include "model/capture_view.h"
#include "model/model_builder.h"
#include "model/service_model.h"

namespace plateau::model {

// Without a number of connections it is the mean number of requests inside by Little's law, and the think
// time what the interactive response time law leaves: the smallest closed load that sends as much. `unknowns`
// is told.
Load load_of(const CaptureView& view, const Supplement& supplement, std::vector<std::string>& unknowns);

// CPU time that other programs of the machine used for each request, s; 0 where the capture was cut off.
// Taken to be the load's own, in proportion to the requests.
double other_cpu(const CaptureView& view);

}  // namespace plateau::model
