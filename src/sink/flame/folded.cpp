#include <algorithm>
#include <charconv>
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

// The lines of stacks, compared and written without a copy of each: there may be a hundred megabytes of them.
class Lines {
 public:
  explicit Lines(const Graph& graph) {
    for (const auto& frame : graph.frames())
      names_.push_back(symbol::folded_name(frame.name) + std::string(suffix(frame.kind)));
  }

  // As their texts compare, byte by byte.
  int compare(const Stack& a, const Stack& b) const {
    std::size_t frame = 0;
    while (frame < a.frames.size() && frame < b.frames.size() && a.frames[frame] == b.frames[frame]) frame++;
    Cursor x{*this, a, frame, 0}, y{*this, b, frame, 0};
    for (;;) {
      const int from_a = x.next(), from_b = y.next();
      if (from_a != from_b) return from_a - from_b;
      if (from_a < 0) return 0;
    }
  }

  void append(const Stack& stack, std::string& text) const {
    for (std::size_t i = 0; i < stack.frames.size(); i++) {
      if (i) text += ';';
      text += names_[stack.frames[i]];
    }
  }

  std::size_t bound(const std::vector<const Stack*>& stacks) const {
    constexpr std::size_t kNumber = 22;
    std::size_t bytes = 0;
    for (const auto* stack : stacks) {
      bytes += kNumber;
      for (const auto id : stack->frames) bytes += names_[id].size() + 1;
    }
    return bytes;
  }

 private:
  struct Cursor {
    const Lines& lines;
    const Stack& stack;
    std::size_t frame, at;

    // The next byte; -1 at the line's end.
    int next() {
      if (frame >= stack.frames.size()) return -1;
      const std::string& name = lines.names_[stack.frames[frame]];
      if (at < name.size()) return static_cast<unsigned char>(name[at++]);
      at = 0;
      return ++frame < stack.frames.size() ? ';' : -1;
    }
  };

  std::vector<std::string> names_;  // by frame
};

bool is_number(const char* first, const char* last, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(first, last, value);
  return error == std::errc{} && end == last;
}

}  // namespace

std::string to_folded(const Graph& graph) {
  const Lines lines(graph);
  std::vector<const Stack*> stacks;
  for (const auto& stack : graph.stacks())
    if (stack.ns) stacks.push_back(&stack);
  std::ranges::sort(stacks, [&](const Stack* a, const Stack* b) { return lines.compare(*a, *b) < 0; });
  std::string text;
  text.reserve(lines.bound(stacks));
  for (auto at = stacks.begin(); at != stacks.end();) {
    const Stack& first = **at;
    std::uint64_t ns = 0;
    for (; at != stacks.end() && lines.compare(first, **at) == 0; ++at) ns += (*at)->ns;
    lines.append(first, text);
    text += ' ' + std::to_string(ns) + '\n';
  }
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
