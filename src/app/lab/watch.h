// plateau explain beside a running load, as a user would run it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/lab/child.h"
#include "app/lab/measure.h"

namespace plateau::app::lab {

// Attaches for `seconds` and hands over what it said.
Result<Said> watch(pid_t server, double seconds, const std::vector<int>& cpus,
                   const std::vector<std::string>& arguments);

// What plateau explain --format json prints.
Result<Said> parse_said(std::string_view text);

}  // namespace plateau::app::lab
