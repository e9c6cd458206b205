// The drawing: what is in it and where. golden/*.svg are what it looked like when somebody last looked:
// PLATEAU_REFRESH_GOLDEN=1 writes them anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "base/clock.h"
#include "flame_example.h"
#include "sink/flame/tree.h"
#include "sink/flame/write.h"
#include "sink/flame/xml.h"

namespace plateau::sink::flame {
namespace {

using test::example;
using testing::HasSubstr;
using testing::Not;

void expect_golden(const std::string& name, const std::string& now) {
  const std::string path = std::string(PLATEAU_SOURCE_DIR) + "/tests/unit/sink/golden/" + name;
  if (std::getenv("PLATEAU_REFRESH_GOLDEN")) std::ofstream(path, std::ios::binary) << now;
  std::ifstream in(path, std::ios::binary);
  const std::string golden{std::istreambuf_iterator<char>(in), {}};
  EXPECT_TRUE(now == golden) << name
                             << " looks different: look at it, then run with PLATEAU_REFRESH_GOLDEN=1";
}

Graph before() {
  Graph graph;
  const auto start = graph.frame({"start_thread", "", "", 0, Kind::native});
  const auto go = graph.frame({"main.(*Server).Serve", "", "", 0, Kind::go});
  const auto kernel = graph.frame({"tcp_sendmsg", "", "", 0, Kind::kernel});
  graph.add({{start, go}, 10, 1, 0});
  graph.add({{start, kernel}, 10, 1, 0});
  return graph;
}

TEST(FlameSvg, IsAsItWasLookedAt) {
  expect_golden("flame.svg", to_svg(example()));
}

TEST(FlameSvg, OfADifferenceIsAsItWasLookedAt) {
  expect_golden("difference.svg", difference_svg(before(), example()));
}

TEST(FlameSvg, TellsEachFunctionsShare) {
  const auto svg = to_svg(example());
  EXPECT_THAT(svg, HasSubstr("hash(char const*)\n600 ms, 60 %, 60 samples"));
  EXPECT_THAT(svg, HasSubstr("lost: nothing &amp; &lt;nobody&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("http://www.w3.org/1999/xlink")));
}

TEST(FlameSvg, NothingInANameGetsOutOfItsElement) {
  Graph graph;
  graph.title = "</text><script>alert(1)</script>";
  graph.add({{graph.frame({"]]></style><script>\"'&\x01\xff", "", "", 0, Kind::jit})}, 1, 1, 0});
  const auto svg = to_svg(graph);
  EXPECT_THAT(svg, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(svg, Not(HasSubstr("<script>\"")));
  EXPECT_THAT(svg, HasSubstr("]]&gt;&lt;/style&gt;&lt;script&gt;&quot;'&amp;??"));
}

TEST(FlameTree, MergesFromTheOutermostFrameOn) {
  const auto tree = grow(example(), 0);
  ASSERT_GE(tree.nodes.size(), 2u);
  EXPECT_EQ(tree.total_ns, 1'000'000'000u);
  EXPECT_EQ(tree.nodes[1].frame.name, "start_thread");
  EXPECT_EQ(tree.nodes[1].ns, tree.total_ns);
  std::uint64_t end = 0, self = 0;
  for (const auto& node : tree.nodes) {
    self += node.self_ns;
    if (node.depth != 2) continue;
    EXPECT_EQ(node.start, end) << node.frame.name;
    end = node.start + node.ns;
  }
  EXPECT_EQ(end, tree.total_ns);
  EXPECT_EQ(self, tree.total_ns);
}

TEST(FlameTree, LeavesOutWhatIsTooNarrowAndCountsIt) {
  const auto tree = grow(example(), 0.035);
  EXPECT_EQ(tree.too_narrow, 2u);
  for (const auto& node : tree.nodes) EXPECT_GE(node.ns, 35'000'000u);
}

TEST(FlameTree, ADifferenceKnowsBothWeights) {
  const auto tree = grow_difference(before(), example(), 0);
  EXPECT_EQ(tree.before_ns, 20u);
  const auto go =
      std::ranges::find(tree.nodes, "main.(*Server).Serve", [](const Node& n) { return n.frame.name; });
  ASSERT_NE(go, tree.nodes.end());
  EXPECT_EQ(go->before_ns, 10u);
  EXPECT_EQ(go->ns, 40'000'000u);
}

TEST(FlameSvg, OfAHundredThousandStacksIsDrawnInTime) {
  Graph graph;
  std::vector<std::uint32_t> inner;  // seven functions a row
  for (std::uint32_t depth = 0; depth < 20; depth++)
    for (std::uint32_t i = 0; i < 7; i++)
      inner.push_back(
          graph.frame({"f" + std::to_string(depth) + "_" + std::to_string(i), "", "", 0, Kind::native}));
  for (std::uint32_t i = 0; i < 100'000; i++) {
    Stack stack;
    for (std::uint32_t depth = 0, rest = i; depth < 20; depth++, rest /= 2)
      stack.frames.push_back(inner[7 * depth + rest % 7]);
    stack.frames.push_back(graph.frame({"leaf_" + std::to_string(i), "", "", 0, Kind::native}));
    stack.ns = 1'000 + i % 13;
    stack.samples = 1;
    graph.add(std::move(stack));
  }
  const auto start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  const auto svg = to_svg(graph);
  const auto ms = (clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / 1'000'000;
  RecordProperty("ms", std::to_string(ms));
#if !defined(PLATEAU_SANITIZE_ADDRESS) && !defined(PLATEAU_SANITIZE_THREAD)
  EXPECT_LT(ms, 2'000u);
#endif
  EXPECT_LT(svg.size(), 50u << 20);
}

TEST(Xml, CutsNoCharacterInTwo) {
  EXPECT_EQ(cut("aé", 2), "a");
  EXPECT_EQ(cut("aé", 3), "aé");
  EXPECT_EQ(xml("é"), "é");
  EXPECT_EQ(xml("\xc3"), "?");
}

}  // namespace
}  // namespace plateau::sink::flame
