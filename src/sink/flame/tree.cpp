#include "sink/flame/tree.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>

namespace plateau::sink::flame {
namespace {

// The stacks of one graph, or of two, in the order of their frames' names: what a frame of the flamegraph is
// made of lies side by side then, and its weight is a difference of two sums.
class Sorted {
 public:
  void add(const Graph& graph, bool before) {
    std::vector<std::uint32_t> ids;
    for (const auto& frame : graph.frames()) ids.push_back(names_.frame(frame));
    for (const auto& stack : graph.stacks()) {
      Row row{frames_.size(), static_cast<std::uint32_t>(stack.frames.size()), 0, 0, 0};
      for (const auto frame : stack.frames) frames_.push_back(ids[frame]);
      (before ? row.before_ns : row.ns) = stack.ns;
      if (!before) row.samples = stack.samples;
      rows_.push_back(row);
    }
  }

  // To be called once, after the last add().
  void sort() {
    rank_by_name();
    std::ranges::sort(rows_, [this](const Row& a, const Row& b) {
      return std::ranges::lexicographical_compare(frames_of(a), frames_of(b));
    });
    // From here on rows hold the sums up to their ends.
    for (std::size_t i = 1; i < rows_.size(); i++) {
      rows_[i].ns += rows_[i - 1].ns;
      rows_[i].before_ns += rows_[i - 1].before_ns;
      rows_[i].samples += rows_[i - 1].samples;
    }
  }

  // A run of stacks that have their first `depth` frames in common.
  struct Run {
    std::size_t from = 0, to = 0;
    std::uint32_t depth = 0;
  };

  Run all() const { return {0, rows_.size(), 0}; }

  std::uint64_t sum(const Run& run, std::uint64_t Node::*what) const {
    const auto upto = [&](std::size_t end) -> std::uint64_t {
      if (end == 0) return 0;
      const Row& row = rows_[end - 1];
      return what == &Node::ns ? row.ns : what == &Node::samples ? row.samples : row.before_ns;
    };
    return upto(run.to) - upto(run.from);
  }

  const Frame& frame(const Run& run) const {
    return names_.frames()[by_rank_[frames_of(rows_[run.from])[run.depth - 1]]];
  }

  // Those that end here, which come first: innermost in this frame.
  Run own(const Run& run) const {
    Run own = run;
    while (own.from < run.to && rows_[own.from].length == run.depth) own.from++;
    return {run.from, own.from, run.depth};
  }

  // The run of the frame that follows, from `from` on.
  Run child(const Run& run, std::size_t from) const {
    const auto frame = frames_of(rows_[from])[run.depth];
    const auto end = std::partition_point(rows_.begin() + static_cast<std::ptrdiff_t>(from),
                                          rows_.begin() + static_cast<std::ptrdiff_t>(run.to),
                                          [&](const Row& row) { return frames_of(row)[run.depth] == frame; });
    return {from, static_cast<std::size_t>(end - rows_.begin()), run.depth + 1};
  }

 private:
  struct Row {
    std::size_t at = 0;  // its frames, in frames_
    std::uint32_t length = 0;
    std::uint64_t ns = 0;
    std::uint64_t before_ns = 0;
    std::uint64_t samples = 0;
  };

  std::span<const std::uint32_t> frames_of(const Row& row) const {
    return std::span(frames_).subspan(row.at, row.length);
  }

  void rank_by_name() {
    const auto& frames = names_.frames();
    by_rank_.resize(frames.size());
    std::iota(by_rank_.begin(), by_rank_.end(), 0u);
    std::ranges::sort(by_rank_, [&](std::uint32_t a, std::uint32_t b) {
      return std::tie(frames[a].name, frames[a].kind) < std::tie(frames[b].name, frames[b].kind);
    });
    std::vector<std::uint32_t> rank(frames.size());
    for (std::uint32_t i = 0; i < by_rank_.size(); i++) rank[by_rank_[i]] = i;
    for (auto& frame : frames_) frame = rank[frame];
  }

  Graph names_;
  std::vector<std::uint32_t> frames_;  // of all rows: indices of names_, ranks once sorted
  std::vector<std::uint32_t> by_rank_;
  std::vector<Row> rows_;
};

struct Step {
  Sorted::Run run;
  std::size_t parent = 0;
  std::uint64_t start = 0;
};

Node node_of(const Sorted& stacks, const Step& step) {
  Node node;
  if (step.run.depth) node.frame = stacks.frame(step.run);
  node.parent = step.parent;
  node.depth = step.run.depth;
  node.ns = stacks.sum(step.run, &Node::ns);
  node.samples = stacks.sum(step.run, &Node::samples);
  node.before_ns = stacks.sum(step.run, &Node::before_ns);
  node.self_ns = stacks.sum(stacks.own(step.run), &Node::ns);
  node.start = step.start;
  return node;
}

Tree lay_out(const Sorted& stacks, double narrowest) {
  Tree tree;
  tree.total_ns = stacks.sum(stacks.all(), &Node::ns);
  tree.before_ns = stacks.sum(stacks.all(), &Node::before_ns);
  const auto least =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(narrowest * static_cast<double>(tree.total_ns)));
  std::vector<Step> todo{{stacks.all(), 0, 0}};
  std::vector<Step> children;
  while (!todo.empty()) {
    const Step step = todo.back();
    todo.pop_back();
    const std::size_t at = tree.nodes.size();
    tree.nodes.push_back(node_of(stacks, step));
    tree.depth = std::max(tree.depth, step.run.depth);
    children.clear();
    std::uint64_t start = step.start;
    for (std::size_t from = stacks.own(step.run).to; from < step.run.to;) {
      const auto run = stacks.child(step.run, from);
      const auto ns = stacks.sum(run, &Node::ns);
      if (ns >= least) children.push_back({run, at, start});
      tree.too_narrow += ns > 0 && ns < least;
      start += ns;
      from = run.to;
    }
    todo.insert(todo.end(), children.rbegin(), children.rend());
  }
  return tree;
}

}  // namespace

Tree grow(const Graph& graph, double narrowest) {
  Sorted stacks;
  stacks.add(graph, false);
  stacks.sort();
  return lay_out(stacks, narrowest);
}

Tree grow_difference(const Graph& before, const Graph& after, double narrowest) {
  Sorted stacks;
  stacks.add(before, true);
  stacks.add(after, false);
  stacks.sort();
  return lay_out(stacks, narrowest);
}

}  // namespace plateau::sink::flame
