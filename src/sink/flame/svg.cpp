#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

#include "base/units.h"
#include "sink/flame/tree.h"
#include "sink/flame/viewer.h"
#include "sink/flame/write.h"
#include "sink/flame/xml.h"

namespace plateau::sink::flame {
namespace {

constexpr int kRow = 18;  // pixels, like all that follows
constexpr int kHead = 66;
constexpr int kMargin = 12;
constexpr int kLine = 18;  // of the notes
constexpr int kLegend = 26;
constexpr int kNominal = 1176;  // room for frames that labels are cut for where no script cuts them better
constexpr double kLetter = 7.25;
constexpr double kNarrowest = 1.0 / 20000;

struct Style {
  Unit unit = Unit::nanoseconds;
  bool difference = false;
  double largest = 0;  // difference between a node's two shares
};

double share(std::uint64_t part, std::uint64_t whole) {
  return whole ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

double change(const Node& node, const Tree& tree) {
  return share(node.ns, tree.total_ns) - share(node.before_ns, tree.before_ns);
}

std::string percent(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.5g", value * 100);
  return text;
}

std::string title_of(const Node& node, const Tree& tree, const Style& style) {
  std::string text = xml(node.frame.name) + "\n" + amount(node.ns, style.unit) + ", " +
                     format_percent(share(node.ns, tree.total_ns));
  if (node.samples) text += ", " + format_count(node.samples) + (node.samples == 1 ? " sample" : " samples");
  if (style.difference) text += "; before: " + format_percent(share(node.before_ns, tree.before_ns));
  if (!node.frame.module.empty()) text += "\n" + xml(node.frame.module);
  if (!node.frame.file.empty()) text += "\n" + xml(node.frame.file);
  return text;
}

// From blue (less than before) over grey to orange (more).
std::string difference_fill(double difference, double largest) {
  const double much = largest > 0 ? std::sqrt(std::min(1.0, std::abs(difference) / largest)) : 0;
  const int grey[3] = {211, 216, 222};
  const int more[3] = {230, 112, 10}, less[3] = {58, 142, 214};
  const int* to = difference > 0 ? more : less;
  int mixed[3];
  for (int i = 0; i < 3; i++) mixed[i] = grey[i] + static_cast<int>(std::lround((to[i] - grey[i]) * much));
  char text[32];
  std::snprintf(text, sizeof(text), " style=\"fill:#%02x%02x%02x\"", mixed[0], mixed[1], mixed[2]);
  return text;
}

std::string class_of(const Node& node, const Style& style) {
  if (node.depth == 0) return "all";
  if (style.difference) return "compared";
  if (node.frame.kind == Kind::note) return "note-frame";
  static constexpr const char* kShades[] = {"", " s1", " s2"};
  std::uint32_t hash = 2166136261u;
  for (const char c : node.frame.name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return std::string(name(node.frame.kind)) + kShades[hash % 3];
}

std::string label(const std::string& name, double width) {
  const auto room = static_cast<std::size_t>(std::max(0.0, (width * kNominal - 8) / kLetter));
  if (room < 3) return {};
  return name.size() <= room ? name : cut(name, room - 1) + "…";
}

void append_node(std::string& out, const Node& node, const Tree& tree, const Style& style) {
  const double x = share(node.start, tree.total_ns), width = share(node.ns, tree.total_ns);
  const auto y = std::to_string(static_cast<int>(tree.depth - node.depth) * kRow);
  const auto text_y = std::to_string(static_cast<int>(tree.depth - node.depth) * kRow + 13);
  out += "<g><title>" + title_of(node, tree, style) + "</title><rect class=\"" + class_of(node, style) +
         "\" x=\"" + percent(x) + "%\" y=\"" + y + "\" width=\"" + percent(width) +
         "%\" height=\"17\" rx=\"2\"";
  if (style.difference && node.depth) out += difference_fill(change(node, tree), style.largest);
  out += "/><text x=\"" + percent(x) + "%\" dx=\"4\" y=\"" + text_y + "\">" +
         xml(label(node.frame.name, width)) + "</text></g>\n";
}

void append_legend(std::string& out, const Tree& tree, const Style& style, int y) {
  int x = kMargin;
  const auto entry = [&](const std::string& swatch, const std::string& text) {
    out += "<rect x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) +
           "\" width=\"12\" height=\"12\" rx=\"2\" " + swatch + "/><text class=\"legend\" x=\"" +
           std::to_string(x + 17) + "\" y=\"" + std::to_string(y + 10) + "\">" + text + "</text>\n";
    x += 34 + static_cast<int>(text.size()) * 7;
  };
  if (style.difference) {
    entry(difference_fill(1, 1), "more than before");
    entry(difference_fill(0, 1), "as before");
    entry(difference_fill(-1, 1), "less");
    return;
  }
  for (const Kind kind :
       {Kind::native, Kind::inlined, Kind::go, Kind::jit, Kind::kernel, Kind::unknown, Kind::note}) {
    const bool there =
        std::ranges::any_of(tree.nodes, [&](const Node& n) { return n.depth && n.frame.kind == kind; });
    const std::string swatch = kind == Kind::note ? "note-frame" : std::string(name(kind));
    if (there) entry("class=\"" + swatch + "\"", std::string(name(kind)));
  }
}

std::string head(const std::string& title, const std::string& subtitle, int height) {
  const auto line = [](const char* shape, int y, const std::string& text) {
    return std::string("<text class=\"") + shape + "\" x=\"" + std::to_string(kMargin) + "\" y=\"" +
           std::to_string(y) + "\">" + xml(text) + "</text>\n";
  };
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100%\" height=\"" +
      std::to_string(height) + "\">\n<style>\n" + std::string(kViewerStyle) + "</style>\n";
  out += line("title", 26, title) + line("subtitle", 46, subtitle);
  out +=
      "<svg x=\"100%\" overflow=\"visible\" class=\"script\" style=\"display:none\">"
      "<foreignObject x=\"-252\" y=\"10\" width=\"240\" height=\"28\"><input "
      "xmlns=\"http://www.w3.org/1999/xhtml\" "
      "id=\"search\" type=\"search\" placeholder=\"Search (/)\" aria-label=\"Search "
      "functions\"/></foreignObject>"
      "<text id=\"found\" class=\"subtitle\" x=\"-12\" y=\"54\" text-anchor=\"end\"></text>"
      "<text id=\"reset\" class=\"button\" x=\"-264\" y=\"28\" text-anchor=\"end\" style=\"display:none\">"
      "Reset zoom (Esc)</text></svg>\n";
  return out;
}

std::string draw(const Tree& tree, const Graph& graph, const Style& style) {
  const int rows = (static_cast<int>(tree.depth) + 1) * kRow;
  auto notes = graph.notes;
  if (tree.too_narrow)
    notes.push_back(format_count(tree.too_narrow) +
                    " functions below 0.005 % and what they called are not drawn");
  const int below = kHead + rows + 8;
  const int height = below + 24 + kLegend + static_cast<int>(notes.size()) * kLine + 8;
  std::string out = head(graph.title, graph.subtitle, height);
  out += "<svg x=\"" + std::to_string(kMargin) + "\" y=\"" + std::to_string(kHead) +
         "\" width=\"calc(100% - " + std::to_string(2 * kMargin) + "px)\" height=\"" + std::to_string(rows) +
         "\" id=\"frames\">\n";
  for (const auto& node : tree.nodes) append_node(out, node, tree, style);
  out += "</svg>\n<text id=\"details\" class=\"details\" x=\"" + std::to_string(kMargin) + "\" y=\"" +
         std::to_string(below + 14) + "\"></text>\n";
  append_legend(out, tree, style, below + 28);
  int y = below + 28 + kLegend + 6;
  for (const auto& note : notes) {
    out += "<text class=\"note\" x=\"" + std::to_string(kMargin) + "\" y=\"" + std::to_string(y) + "\">" +
           xml(note) + "</text>\n";
    y += kLine;
  }
  out += "<script><![CDATA[\n" + std::string(kViewerScript) + "]]></script>\n</svg>\n";
  return out;
}

Frame whole(const Graph& graph) {
  Frame frame;
  frame.name = "all: " + graph.total();
  frame.kind = Kind::note;
  return frame;
}

}  // namespace

std::string to_svg(const Graph& graph) {
  Tree tree = grow(graph, kNarrowest);
  tree.nodes.front().frame = whole(graph);
  return draw(tree, graph, {graph.unit});
}

std::string difference_svg(const Graph& before, const Graph& after) {
  Tree tree = grow_difference(before, after, kNarrowest);
  tree.nodes.front().frame = whole(after);
  Style style{after.unit, true, 0};
  for (const auto& node : tree.nodes) style.largest = std::max(style.largest, std::abs(change(node, tree)));
  return draw(tree, after, style);
}

}  // namespace plateau::sink::flame
