// The rules by which a capture's figures are taken for causes.
#pragma once

#include <vector>

#include "attribution/summary.h"
#include "model/verdict.h"

namespace plateau::model {

// From the ceilings that are reached and from where requests spend their time: the one that takes most of it
// first. Never empty: client_bound or none where there is no other.
std::vector<Finding> findings_of(const attribution::Summary& summary, const Verdict& verdict);

}  // namespace plateau::model
