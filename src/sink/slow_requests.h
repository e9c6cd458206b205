// What the slowest requests do differently, and examples.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "attribution/examples.h"
#include "sink/explain.h"

namespace plateau::sink {

// A section of the report; ends with a line break. Empty: there is nothing to compare.
std::string slow_requests_text(const Explanation& explanation);

// Null: there is nothing to compare.
nlohmann::ordered_json slow_requests_json(const Explanation& explanation);

// A stretch of an example's life, in the order of time: before its receive, up to its first send, and to its
// last, each with the stages that fit there. A stage that fits nowhere better stands in the middle. Lengths
// are the budget's; their order within a stretch is not known.
struct WaterfallStep {
  attribution::Stage stage = attribution::Stage::unattributed;
  std::uint64_t from_ns = 0;  // since the request was readable
  std::uint64_t ns = 0;
};
std::vector<WaterfallStep> waterfall_of(const attribution::Example& example);

// With its waterfall.
nlohmann::ordered_json example_json(const attribution::Example& example);

// "slow  GET /x 200, connection 7, request 3".
std::string example_title(const attribution::Example& example);

}  // namespace plateau::sink
