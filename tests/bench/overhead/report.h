// The result as Markdown, and as JSON with every round.
#pragma once

#include <string>
#include <vector>

#include "overhead/experiment.h"

namespace plateau::overhead {

std::string markdown_report(const std::vector<ExperimentResult>& results);

// One object and a newline. Names end in their unit; shares are of one core, ratios on ÷ off.
std::string json_report(const std::vector<ExperimentResult>& results);

// What each level of detail costs, as a table for docs/providers.md and as the rows of
// src/probe/level_cost.h; of watchers that looked at every request alone.
std::string levels_report(const std::vector<ExperimentResult>& results);

}  // namespace plateau::overhead
