// What the target's sockets say of it: connections that wait to be accepted, and what sending waits for.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "attribution/summary.h"

namespace plateau::sink {

// "The accept queue of 0.0.0.0:8080 was full (8 of 8) and …": for the verdict. Empty: no queue was.
std::string backlog_sentence(const attribution::Summary& summary);

// Sections of the report; end with a line break. Empty: nothing is known.
std::string accept_queues_text(const attribution::Summary& summary);
std::string send_path_text(const attribution::Summary& summary);

nlohmann::ordered_json accept_queues_json(const attribution::Summary& summary);
// Null: nothing is known.
nlohmann::ordered_json send_path_json(const attribution::Summary& summary);

}  // namespace plateau::sink
