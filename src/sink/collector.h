// What Go's garbage collector did to the requests, in words and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "attribution/summary.h"

namespace plateau::sink {

// Empty where nobody was asked to look, or there is no Go.
std::string collector_text(const attribution::Summary& summary);

nlohmann::ordered_json collector_json(const attribution::Summary& summary);

}  // namespace plateau::sink
