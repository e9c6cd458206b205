#include "app/lab/plot.h"

#include <gmock/gmock.h>

namespace plateau::app::lab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Ticks, AreRoundAndReachTheMost) {
  EXPECT_THAT(ticks_to(10), ElementsAre(0, 5, 10));
  EXPECT_THAT(ticks_to(400), ElementsAre(0, 100, 200, 300, 400));
  EXPECT_THAT(ticks_to(0), ElementsAre(0, 1));
}

TEST(BarPlot, HasEachFigureAndEscapesItsNames) {
  const std::string svg =
      svg_of(BarPlot{"a < b", {"one", "two"}, {{"x", {1234.0, {}}, 0}, {"y", {5.0, 6.0}, 1}}, 0});
  EXPECT_THAT(svg, HasSubstr("a &lt; b"));
  EXPECT_THAT(svg, HasSubstr(">1,234<"));
  EXPECT_THAT(svg, HasSubstr("two, y: 6"));
  EXPECT_THAT(svg, Not(HasSubstr("two, x")));
}

TEST(BarPlot, OfNothingButZerosIsDrawn) {
  EXPECT_THAT(svg_of(BarPlot{"t", {"a"}, {{"x", {0.0}, 0}}, 0}), Not(HasSubstr("nan")));
}

TEST(LinePlot, MarksTheKnee) {
  const LinePlot plot{"t", "connections", true, {{"s", {{1, 5}, {10, 50}, {100, 55}}, 10}}, 0};
  const std::string svg = svg_of(plot);
  EXPECT_THAT(svg, HasSubstr("knee of s: 10"));
  EXPECT_THAT(svg, HasSubstr(">100<"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(LinePlot, OfOnePointIsDrawn) {
  const std::string svg = svg_of(LinePlot{"t", "x", true, {{"s", {{7, 0}}, {}}}, 0});
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
}

}  // namespace
}  // namespace plateau::app::lab
