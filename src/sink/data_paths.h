// By which roads the target's bytes leave, and what of them is outside the probes' view.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "attribution/summary.h"

namespace plateau::sink {

// "process 1234 (srv) has 2 AF_XDP sockets: what goes through them is outside …".
std::string bypass_sentence(const wire::BypassFact& bypass);

// A section of the report; ends with a line break.
std::string data_paths_text(const attribution::Summary& summary);

// {"share": 0 or null (not known), "processes", "hidden", "bypasses": […], "text"}; null if nobody looked.
nlohmann::ordered_json outside_view_json(const attribution::Summary& summary);

}  // namespace plateau::sink
