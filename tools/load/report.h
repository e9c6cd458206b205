// The result of a run, as text or JSON, and its progress line.
#pragma once

#include <cstdint>
#include <string>

#include "load/options.h"
#include "load/tally.h"

namespace plateau::load {

std::string text_report(const Options& options, const Tally& tally);

// One object and a newline. Times are in nanoseconds unless the name says seconds.
std::string json_report(const Options& options, const Tally& tally);

// One short line without a newline; `now` in monotonic nanoseconds.
std::string progress_line(const Tally& tally, std::uint64_t now);

// True if a request went without its answer: an error, or a planned send that never took place.
bool incomplete(const Options& options, const Tally& tally);

}  // namespace plateau::load
