// Servers that the target asks: how often, and how long their answers take.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "attribution/summary.h"

namespace plateau::sink {

// A section of the report; ends with a line break. Empty: it asked none.
std::string peers_text(const attribution::Summary& summary);

nlohmann::ordered_json peers_json(const attribution::Summary& summary);

}  // namespace plateau::sink
