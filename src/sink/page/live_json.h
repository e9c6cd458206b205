// The page's interface: docs/page.md.
#pragma once

#include <string>

#include "sink/live/live_view.h"

namespace plateau::sink::page {

// What the page shows, as one JSON object. `after`: only seconds later than this one.
std::string live_json(const LiveView& view, std::uint64_t after);

// The stages: name, meaning and colour, in the order in which they are shown.
std::string stages_text();

}  // namespace plateau::sink::page
