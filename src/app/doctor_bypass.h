// The machine's roads around the kernel's TCP, as doctor shows them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "target/machine_bypass.h"

namespace plateau::app {

std::vector<std::string> bypass_lines(const target::MachineBypass& machine);
nlohmann::ordered_json bypass_json(const target::MachineBypass& machine);

}  // namespace plateau::app
