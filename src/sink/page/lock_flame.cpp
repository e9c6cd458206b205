#include "sink/page/lock_flame.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "sink/flame/tree.h"
#include "sink/flame/write.h"
#include "sink/words.h"

namespace plateau::sink::page {
namespace {

using nlohmann::ordered_json;

constexpr double kNarrowest = 0.002;

flame::Kind kind_of(const std::string& frame, const std::string& module) {
  if (module.empty()) return flame::Kind::note;
  return frame.find("+0x") != std::string::npos ? flame::Kind::unknown : flame::Kind::native;
}

void add_lock(flame::Graph& graph, const attribution::LockStats& lock) {
  const auto weight = std::accumulate(lock.holders.begin(), lock.holders.end(), std::uint64_t{0},
                                      [](std::uint64_t sum, const auto& h) { return sum + h.weight; });
  const std::string name =
      "waits for " + format("0x%llx", static_cast<unsigned long long>(lock.futex)) + ", held by:";
  for (const auto& holder : lock.holders) {
    flame::Stack stack;
    stack.frames.push_back(graph.frame({name, "", "", 0, flame::Kind::note}));
    for (std::size_t i = holder.frames.size(); i-- > 0;) {
      const std::string module = i < holder.modules.size() ? holder.modules[i] : "";
      stack.frames.push_back(
          graph.frame({holder.frames[i], module, "", 0, kind_of(holder.frames[i], module)}));
    }
    stack.ns = static_cast<std::uint64_t>(static_cast<double>(lock.wait_ns) * ratio(holder.weight, weight));
    stack.samples = holder.samples;
    graph.add(std::move(stack));
  }
}

}  // namespace

flame::Graph lock_graph(const attribution::Summary& summary) {
  flame::Graph graph;
  graph.what = "wait for locks";
  graph.title = "Wait for locks: " + summary.facts.comm;
  if (summary.facts.pids.size() == 1)
    graph.title += " (PID " + std::to_string(summary.facts.pids.front()) + ")";
  graph.subtitle = "in " + format_duration(summary.loaded_ns()) + ", by whom the locks were held";
  graph.executable = summary.facts.executable;
  for (const auto& lock : summary.locks)
    if (lock.is_mutex()) add_lock(graph, lock);
  return graph;
}

std::string tree_json(const flame::Graph& graph) {
  const flame::Tree tree = flame::grow(graph, kNarrowest);
  std::vector<ordered_json> nodes;
  for (const auto& node : tree.nodes)
    nodes.push_back({{"name", node.frame.name},
                     {"module", node.frame.module},
                     {"kind", flame::name(node.frame.kind)},
                     {"ns", node.ns},
                     {"samples", node.samples},
                     {"children", ordered_json::array()}});
  for (std::size_t i = nodes.size(); i-- > 1;) {
    auto& siblings = nodes[tree.nodes[i].parent]["children"];
    siblings.insert(siblings.begin(), std::move(nodes[i]));
  }
  ordered_json root = nodes.empty()
                          ? ordered_json{{"ns", 0}, {"samples", 0}, {"children", ordered_json::array()}}
                          : std::move(nodes.front());
  root["name"] = graph.title;
  root["subtitle"] = graph.subtitle;
  return root.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + "\n";
}

Result<FlameFile> flame_file(const flame::Graph& graph, const std::string& kind, const std::string& format) {
  const std::string name = "plateau-" + kind;
  if (format == "svg") return FlameFile{name + ".svg", "image/svg+xml", flame::to_svg(graph)};
  if (format == "folded") return FlameFile{name + ".folded", "text/plain", flame::to_folded(graph)};
  if (format == "pprof")
    return FlameFile{name + ".pb.gz", "application/octet-stream", flame::to_pprof(graph)};
  if (format == "speedscope")
    return FlameFile{name + ".speedscope.json", "application/json", flame::to_speedscope(graph)};
  return fail("no flamegraph as '" + format + "': choose tree, svg, folded, pprof or speedscope");
}

}  // namespace plateau::sink::page
