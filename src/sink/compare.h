// Two captures of a server beside each other: what changed.
#pragma once

#include <string>

#include "sink/explain.h"

namespace plateau::sink {

std::string compare_text(const Explanation& before, const Explanation& after);

// {"before", "after", "throughput", "latency", "stages", "routes", "text"}; units as in explain_json.
std::string compare_json(const Explanation& before, const Explanation& after);

std::string compare_html(const Explanation& before, const Explanation& after);

}  // namespace plateau::sink
