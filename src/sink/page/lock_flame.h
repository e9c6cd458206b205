// The flamegraph that costs nothing more: where lock holders were when they let go.
#pragma once

#include <string>

#include "attribution/summary.h"
#include "base/result.h"
#include "sink/flame/graph.h"

namespace plateau::sink::page {

// Each user-space lock's wait, spread over its holders' stacks by how often each was seen.
flame::Graph lock_graph(const attribution::Summary& summary);

// The graph as a tree: {"name", "module", "ns", "samples", "children": […]}, the root's name being the title.
std::string tree_json(const flame::Graph& graph);

struct FlameFile {
  std::string name;
  std::string type;
  std::string body;
};
// "plateau-KIND.…"; `format`: svg, folded, pprof or speedscope. Fails with one line on any other.
Result<FlameFile> flame_file(const flame::Graph& graph, const std::string& kind, const std::string& format);

}  // namespace plateau::sink::page
