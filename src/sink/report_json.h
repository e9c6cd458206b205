// Pieces of JSON that the report and the page's interface share: the same names, the same units.
#pragma once

#include <array>
#include <nlohmann/json_fwd.hpp>

#include "attribution/summary.h"
#include "model/verdict.h"

namespace plateau::sink {

nlohmann::ordered_json stages_json(const std::array<std::uint64_t, attribution::kStages>& ns);
nlohmann::ordered_json route_json(const attribution::RouteStats& route);
nlohmann::ordered_json lock_json(const attribution::LockStats& lock);
nlohmann::ordered_json thread_json(const attribution::ThreadStats& thread);
nlohmann::ordered_json data_paths_json(const attribution::Summary& summary);
nlohmann::ordered_json verdict_json(const attribution::Summary& summary, const model::Verdict& verdict);
nlohmann::ordered_json coverage_json(const attribution::Summary& summary);
nlohmann::ordered_json target_json(const attribution::Summary& summary);
nlohmann::ordered_json cost_json(const attribution::Summary& summary);

}  // namespace plateau::sink
