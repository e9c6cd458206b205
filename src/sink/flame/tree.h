// Stacks merged from their outermost frames on: the rectangles of a flamegraph. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sink/flame/graph.h"

namespace plateau::sink::flame {

struct Node {
  Frame frame;              // of the root: what all of it is
  std::size_t parent = 0;   // the root's: itself
  std::uint32_t depth = 0;  // of the root: 0
  std::uint64_t ns = 0;     // with what it called
  std::uint64_t self_ns = 0;
  std::uint64_t start = 0;  // where it begins in its row, ns
  std::uint64_t samples = 0;
  std::uint64_t before_ns = 0;  // of the graph it is compared with
};

struct Tree {
  std::vector<Node> nodes;  // parents before their children, siblings by name
  std::uint64_t total_ns = 0;
  std::uint64_t before_ns = 0;  // total of the graph it is compared with
  std::uint32_t depth = 0;      // of the deepest that is left
  std::size_t too_narrow = 0;   // nodes left out
};

// Nodes below `narrowest` of the total are left out, with what they called.
Tree grow(const Graph& graph, double narrowest);

// `after` beside `before`: widths are those of `after`, and each node has its weight in `before`.
Tree grow_difference(const Graph& before, const Graph& after, double narrowest);

}  // namespace plateau::sink::flame
