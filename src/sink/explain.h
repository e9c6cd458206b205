// The report of a capture: the verdict in plain words first, then the evidence.
#pragma once

#include <optional>
#include <string>

#include "attribution/summary.h"
#include "model/outlook.h"
#include "model/slow_requests.h"
#include "model/verdict.h"
#include "sink/words.h"

namespace plateau::sink {

// What text, JSON and page are all made from.
struct Explanation {
  attribution::Summary summary;
  model::Verdict verdict;
  model::Outlook outlook;
  std::optional<model::SlowRequests> slow;  // nullopt: too few requests, or no insight
};

Explanation explain(attribution::Summary summary, const model::Questions& questions = {});

// The verdict alone: a few sentences.
std::string verdict_text(const attribution::Summary& summary, const model::Verdict& verdict,
                         std::size_t width = kTextWidth);

std::string explain_text(const Explanation& explanation);

// What one has to know to act on it, on a terminal's page: 24 lines of 80 columns at the most.
std::string explain_brief(const Explanation& explanation);

// One JSON object. Durations in ns (names end in _ns), shares in 0…1, rates per second.
std::string explain_json(const Explanation& explanation);

// One page that needs nothing else: no script, nothing fetched.
std::string explain_html(const Explanation& explanation);

}  // namespace plateau::sink
