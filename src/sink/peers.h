// Servers that the target asks: how often, and how long their answers take.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "attribution/summary.h"

namespace plateau::sink {

// A section of the report; ends with a line break. Empty: it asked none.
std::string peers_text(const attribution::Summary& summary);

nlohmann::ordered_json peers_json(const attribution::Summary& summary);

// Those that were called, the most first.
std::vector<wire::PeerFact> called_peers(const attribution::Summary& summary);
double calls_per_second(const attribution::Summary& summary, const wire::PeerFact& peer);

// The first `most` of them.
nlohmann::ordered_json called_peers_json(const attribution::Summary& summary, std::size_t most);

}  // namespace plateau::sink
