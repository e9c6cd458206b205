// Threads that wait for events: how long, how often, and what else they do.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "attribution/summary.h"

namespace plateau::sink {

// A section of the report, without those that slept all along; ends with a line break. Empty: there are none.
std::string event_loops_text(const attribution::Summary& summary);

// Those threads by kind and listening sockets, by falling number of waits.
std::vector<wire::LoopFact> awake_loops(const attribution::Summary& summary);

// "127.0.0.1:8080, 127.0.0.1:8081 …"; empty: not known.
std::string loop_listeners(const wire::LoopFact& loop);

// Of all its threads, those that ended included.
double waits_per_second(const attribution::Summary& summary, const wire::LoopFact& loop);

// The first `most` of the above, without how many waits were how long.
nlohmann::ordered_json awake_loops_json(const attribution::Summary& summary, std::size_t most);

nlohmann::ordered_json event_loops_json(const attribution::Summary& summary);

}  // namespace plateau::sink
