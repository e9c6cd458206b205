// The budgets of many requests, and what the server's truth log says of them: a cause off against on. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/lab/outcome.h"

namespace plateau::app::lab {

// Of each stage, or each span of the truth log, its ns in every request.
using Budgets = std::map<std::string, std::vector<double>>;

// A line of plateau requests --format json; an error if it is not one. A request that is not known in full
// adds nothing, nor does one on a connection of the server's that is not at its `port`.
Status add_request(std::string_view line, std::uint16_t port, Budgets& budgets);

// A line of plateau-httpd's truth log. A span that did not happen counts 0.
Status add_truth(std::string_view line, Budgets& truth);

struct CauseRun {
  Budgets budgets;
  Budgets truth;
};

// One row for each planted stage: within 5 % or 20 us of what was planted, 95 % of the requests seen, and no
// stage that the rung does not name changed by more than a tenth of all that was planted, or
// 20 us.
std::vector<CauseRow> judge_cause(const Rung& rung, const CauseRun& off, const CauseRun& on);

}  // namespace plateau::app::lab
