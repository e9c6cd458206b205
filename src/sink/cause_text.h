// The verdict's sentences for causes that are no ceiling of a single resource.
#pragma once

#include <string>

#include "attribution/summary.h"
#include "model/verdict.h"

namespace plateau::sink {

// Not wrapped. Empty: the cause is a ceiling's, or there is none.
std::string cause_sentences(const attribution::Summary& summary, const model::Verdict& verdict);

}  // namespace plateau::sink
