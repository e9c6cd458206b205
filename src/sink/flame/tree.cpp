#include "sink/flame/tree.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace plateau::sink::flame {
namespace {

struct Branch {
  std::uint32_t frame = 0;
  std::uint64_t ns = 0;
  std::uint64_t self_ns = 0;
  std::uint64_t samples = 0;
  std::uint64_t before_ns = 0;
  std::vector<std::uint32_t> children;
};

// Branches by what leads to them, of one graph or of two that share their frames.
class Builder {
 public:
  Builder() : branches_(1) {}

  void add(const Graph& graph, Graph& names, bool before) {
    std::vector<std::uint32_t> ids;
    for (const auto& frame : graph.frames()) ids.push_back(names.frame(frame));
    for (const auto& stack : graph.stacks()) {
      std::uint32_t at = 0;
      weigh(branches_[at], stack, before);
      for (const auto frame : stack.frames) {
        at = child(at, ids[frame]);
        weigh(branches_[at], stack, before);
      }
      if (!before) branches_[at].self_ns += stack.ns;
    }
  }

  const std::vector<Branch>& branches() const { return branches_; }

 private:
  static void weigh(Branch& branch, const Stack& stack, bool before) {
    (before ? branch.before_ns : branch.ns) += stack.ns;
    if (!before) branch.samples += stack.samples;
  }

  std::uint32_t child(std::uint32_t parent, std::uint32_t frame) {
    const std::uint64_t key = static_cast<std::uint64_t>(parent) << 32 | frame;
    const auto [at, fresh] = ids_.try_emplace(key, static_cast<std::uint32_t>(branches_.size()));
    if (fresh) {
      branches_.push_back({frame, 0, 0, 0, 0, {}});
      branches_[parent].children.push_back(at->second);
    }
    return at->second;
  }

  std::vector<Branch> branches_;
  std::unordered_map<std::uint64_t, std::uint32_t> ids_;
};

class Layout {
 public:
  Layout(const std::vector<Branch>& branches, const Graph& names, double narrowest)
      : branches_(branches), names_(names) {
    tree_.total_ns = branches[0].ns;
    tree_.before_ns = branches[0].before_ns;
    least_ = static_cast<std::uint64_t>(narrowest * static_cast<double>(tree_.total_ns));
  }

  Tree lay_out() {
    std::vector<Step> todo{{0, 0, 0, 0}};
    while (!todo.empty()) {
      const Step step = todo.back();
      todo.pop_back();
      const std::size_t at = place(step);
      const auto children = sorted_children(step.branch);
      std::uint64_t start = step.start;
      std::vector<Step> next;
      for (const auto child : children) {
        const std::uint64_t ns = branches_[child].ns;
        if (ns > least_ || (ns == least_ && ns > 0)) {
          next.push_back({child, at, start, step.depth + 1});
        } else {
          tree_.too_narrow += ns > 0;
        }
        start += ns;
      }
      todo.insert(todo.end(), next.rbegin(), next.rend());
    }
    return std::move(tree_);
  }

 private:
  struct Step {
    std::uint32_t branch;
    std::size_t parent;
    std::uint64_t start;
    std::uint32_t depth;
  };

  std::size_t place(const Step& step) {
    const Branch& branch = branches_[step.branch];
    Node node;
    if (step.branch != 0) node.frame = names_.frames()[branch.frame];
    node.parent = step.parent;
    node.depth = step.depth;
    node.ns = branch.ns;
    node.self_ns = branch.self_ns;
    node.start = step.start;
    node.samples = branch.samples;
    node.before_ns = branch.before_ns;
    tree_.depth = std::max(tree_.depth, step.depth);
    tree_.nodes.push_back(std::move(node));
    return tree_.nodes.size() - 1;
  }

  std::vector<std::uint32_t> sorted_children(std::uint32_t branch) const {
    auto children = branches_[branch].children;
    const auto key = [&](std::uint32_t b) -> const Frame& { return names_.frames()[branches_[b].frame]; };
    std::ranges::sort(children, [&](std::uint32_t a, std::uint32_t b) {
      return std::tie(key(a).name, key(a).kind) < std::tie(key(b).name, key(b).kind);
    });
    return children;
  }

  const std::vector<Branch>& branches_;
  const Graph& names_;
  std::uint64_t least_ = 0;
  Tree tree_;
};

}  // namespace

Tree grow(const Graph& graph, double narrowest) {
  Graph names;
  Builder builder;
  builder.add(graph, names, false);
  return Layout(builder.branches(), names, narrowest).lay_out();
}

Tree grow_difference(const Graph& before, const Graph& after, double narrowest) {
  Graph names;
  Builder builder;
  builder.add(before, names, true);
  builder.add(after, names, false);
  return Layout(builder.branches(), names, narrowest).lay_out();
}

}  // namespace plateau::sink::flame
