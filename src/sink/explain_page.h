// Sections of the page, as markup; empty where they have nothing to show.
#pragma once

#include <string>

#include "sink/explain.h"

namespace plateau::sink {

std::string budgets_html(const Explanation& explanation);
std::string timeline_html(const attribution::TimeSeries& series);
std::string holders_html(const attribution::Summary& summary);
std::string curve_html(const Explanation& explanation);
std::string what_if_html(const model::Outlook& outlook);
std::string slow_requests_html(const Explanation& explanation);

// A row of coloured pieces with the stages' names; `scale`: the length of a full bar, ns.
std::string stage_bar(const std::array<double, attribution::kStages>& ns, double scale);
// The colours' meaning, of the stages that take any time at all in `ns`.
std::string stage_legend(const std::array<std::uint64_t, attribution::kStages>& ns);

}  // namespace plateau::sink
