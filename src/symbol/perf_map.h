// /tmp/perf-PID.map, as Node, JVMs, .NET and Python write it. Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "symbol/code_names.h"

namespace plateau::symbol {

// Adds what the whole lines "start size name", in hexadecimal, say; other lines are left out. Returns the
// length of these lines: one that is still being written has to come again, whole.
std::size_t parse_perf_map(std::string_view text, CodeNames& names);

}  // namespace plateau::symbol
