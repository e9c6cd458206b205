// The section of explain's report on what fixes would bring.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "model/outlook.h"

namespace plateau::sink {

// At most six rows of a table, what is of no use, and in three lines what is not known; or why there is no
// table.
std::string what_if_text(const model::Outlook& outlook);

// A line of what was done to every p50 of the table; empty: nothing.
std::string p50_note(const model::Outlook& outlook);

// Rates to 0.1/s and shares to 0.0001, for more digits are noise.
nlohmann::ordered_json what_if_json(const model::Outlook& outlook);

}  // namespace plateau::sink
