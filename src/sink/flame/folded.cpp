#include <algorithm>
#include <charconv>
#include <map>
#include <vector>

#include "sink/flame/read.h"
#include "sink/flame/write.h"
#include "symbol/folded.h"

namespace plateau::sink::flame {
namespace {

constexpr std::string_view kInlined = "_[i]";
constexpr std::string_view kKernel = "_[k]";
constexpr std::string_view kJit = "_[j]";

// What other tools call frames of that kind (perf script's and async-profiler's habit), so that colours
// survive.
std::string_view suffix(Kind kind) {
  switch (kind) {
    case Kind::kernel:
      return kKernel;
    case Kind::inlined:
      return kInlined;
    case Kind::jit:
      return kJit;
    default:
      return "";
  }
}

Frame frame_of(std::string_view text) {
  Frame frame;
  for (const Kind kind : {Kind::kernel, Kind::inlined, Kind::jit}) {
    if (!text.ends_with(suffix(kind))) continue;
    frame.kind = kind;
    text.remove_suffix(suffix(kind).size());
    break;
  }
  frame.name = text;
  return frame;
}

bool is_number(const char* first, const char* last, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(first, last, value);
  return error == std::errc{} && end == last;
}

}  // namespace

std::string to_folded(const Graph& graph) {
  std::map<std::string, std::uint64_t> lines;
  for (const auto& stack : graph.stacks()) {
    std::string line;
    for (const auto id : stack.frames) {
      const auto& frame = graph.frames()[id];
      if (!line.empty()) line += ';';
      line += symbol::folded_name(frame.name);
      line += suffix(frame.kind);
    }
    if (stack.ns) lines[std::move(line)] += stack.ns;
  }
  std::string text;
  for (const auto& [line, ns] : lines) text += line + ' ' + std::to_string(ns) + '\n';
  return text;
}

Result<Graph> read_folded(std::string_view text) {
  Graph graph;
  graph.label({});
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    number++;
    if (line.empty()) continue;
    const auto space = line.rfind(' ');
    Stack stack;
    const char* last = line.data() + line.size();
    if (space == std::string_view::npos || !is_number(line.data() + space + 1, last, stack.ns))
      return fail("line " + std::to_string(number) + " is not 'frame;frame;… count'");
    stack.samples = 1;
    for (auto rest = line.substr(0, space); !rest.empty();) {
      const auto cut = std::min(rest.find(';'), rest.size());
      stack.frames.push_back(graph.frame(frame_of(rest.substr(0, cut))));
      rest.remove_prefix(std::min(cut + 1, rest.size()));
    }
    graph.add(std::move(stack));
  }
  if (graph.stacks().empty()) return fail("holds no stacks");
  return graph;
}

}  // namespace plateau::sink::flame
