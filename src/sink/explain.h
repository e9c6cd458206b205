// The report of a capture: the verdict in plain words first, then the evidence.
#pragma once

#include <string>

#include "attribution/summary.h"
#include "model/outlook.h"
#include "model/verdict.h"

namespace plateau::sink {

// The verdict alone: a few sentences, wrapped at 100 columns.
std::string verdict_text(const attribution::Summary& summary, const model::Verdict& verdict);

std::string explain_text(const attribution::Summary& summary, const model::Verdict& verdict,
                         const model::Outlook& outlook);

// One JSON object. Durations in ns (names end in _ns), shares in 0…1, rates per second.
std::string explain_json(const attribution::Summary& summary, const model::Verdict& verdict,
                         const model::Outlook& outlook);

}  // namespace plateau::sink
