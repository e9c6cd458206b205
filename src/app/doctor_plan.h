// Privileges, signals and their providers, and levels of detail, as doctor shows them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "probe/plan.h"

namespace plateau::app {

// In a few words, whether they are enough.
std::string privileges_line(const probe::Held& held);

// Tables of lines, a heading first.
std::string privileges_text(const probe::Held& held);
std::string signals_text(const probe::Plan& plan);
std::string levels_text();
// Lines of the table of signals; `problem`: why they would not go on, empty: they would.
std::string go_probes_text(const probe::Plan& plan, const std::string& problem);

nlohmann::ordered_json privileges_json(const probe::Held& held);
nlohmann::ordered_json signals_json(const probe::Plan& plan);
nlohmann::ordered_json levels_json();
nlohmann::ordered_json go_probes_json(const probe::Plan& plan, const std::string& problem);

}  // namespace plateau::app
