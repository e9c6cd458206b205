// What goroutines waited for while they were parked, in words.
#pragma once

#include <string>

#include "attribution/park.h"

namespace plateau::sink {

// "channel 81 %, timer 12 %": shares of all that is parked, the largest first; those under a hundredth are
// left out. Empty where no reason is told.
std::string park_shares(const attribution::Parks& parks);

}  // namespace plateau::sink
