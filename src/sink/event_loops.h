// Threads that wait for events: how long, how often, and what else they do.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "attribution/summary.h"

namespace plateau::sink {

// A section of the report, without those that slept all along; ends with a line break. Empty: there are none.
std::string event_loops_text(const attribution::Summary& summary);

nlohmann::ordered_json event_loops_json(const attribution::Summary& summary);

}  // namespace plateau::sink
