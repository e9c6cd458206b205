// Sections of the report as text; each ends with a line break, and is empty where it has nothing to say.
#pragma once

#include <string>

#include "attribution/summary.h"

namespace plateau::sink {

std::string headline(const attribution::Summary& summary);
std::string budget_table(const attribution::RouteStats& total);
std::string route_table(const attribution::Summary& summary);
std::string lock_table(const attribution::Summary& summary);
std::string thread_table(const attribution::Summary& summary);
std::string coverage_lines(const attribution::Summary& summary);
std::string cost_lines(const attribution::Summary& summary);

}  // namespace plateau::sink
