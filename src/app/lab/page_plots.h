// The plots of a lab's page. Pure.
#pragma once

#include <string>

#include "app/lab/outcome.h"

namespace plateau::app::lab {

// SVG pictures, one after the other: of each measure its bars or, of series, its lines; of freezes the
// latency over time; of causes what was planted and what was seen.
std::string plots_of(const Outcome& outcome);

}  // namespace plateau::app::lab
