// The formats that a graph can be read from. Each fails with what is wrong.
#pragma once

#include <string_view>

#include "base/result.h"
#include "sink/flame/graph.h"

namespace plateau::sink::flame {

Result<Graph> read_folded(std::string_view text);
Result<Graph> read_pprof(std::string_view bytes);

}  // namespace plateau::sink::flame
