// A request as spans: one of kind SERVER for the request, and one below it for each stage of its budget.
#pragma once

#include <opentelemetry/proto/trace/v1/trace.pb.h>

#include <cstdint>

#include "sink/otlp/random.h"
#include "sink/otlp/traced_request.h"

namespace plateau::sink::otlp {

// Appends the spans of `traced`, whose trace and parent are the caller's where it named them.
//
// A stage's span is as long as the stage in all; they lie end to end and fill the request's, in the order of
// waterfall_of(). When inside the request a stage's time was is not known: they say so
// (plateau.stage.is_sum).
void add_spans(opentelemetry::proto::trace::v1::ScopeSpans& to, const TracedRequest& traced,
               std::int64_t realtime_offset_ns, const Random& random);

}  // namespace plateau::sink::otlp
