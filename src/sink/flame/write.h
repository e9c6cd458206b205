// Flamegraphs as people's tools read them. Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "sink/flame/graph.h"

namespace plateau::sink::flame {

// One self-contained file for a browser: search, zoom, keyboard, dark and light; readable without its script.
std::string to_svg(const Graph& graph);

// `after`, coloured by how each function's share differs from that in `before`.
std::string difference_svg(const Graph& before, const Graph& after);

// "outermost;…;innermost ns" lines, in their order.
std::string to_folded(const Graph& graph);

// google/pprof's profile.proto, gzipped: values are samples and nanoseconds (or page faults), labels route
// and status.
std::string to_pprof(const Graph& graph);

// speedscope's JSON, a sampled profile in nanoseconds.
std::string to_speedscope(const Graph& graph);

// A graph out of either of the two that hold all of it, told apart by their first bytes. Fails with one line
// on what is neither.
Result<Graph> read_graph(const std::string& bytes);

}  // namespace plateau::sink::flame
