#include <gtest/gtest.h>

#include <cmath>

#include "app/lab/knee.h"

namespace plateau::app::lab {
namespace {

std::vector<Point> curve_of(double (*f)(double), double first, double last, int count) {
  std::vector<Point> curve;
  for (int i = 0; i < count; i++) {
    const double x = first + (last - first) * i / (count - 1);
    curve.push_back({x, f(x)});
  }
  return curve;
}

// The paper's own example, its figure 2: y = -1/(x + 0.1) + 5 over 0…1 has its knee at 0.22.
TEST(Knee, OfThePapersExample) {
  const auto curve = curve_of([](double x) { return -1 / (x + 0.1) + 5; }, 0, 1, 10);
  const auto knee = find_knee(curve, Shape::flattening);
  ASSERT_TRUE(knee);
  EXPECT_NEAR(curve[*knee].x, 0.22, 0.01);
}

// Where its slope, both axes scaled, is that of the diagonal: 1 - exp(-x) over 0…10 at ln(10 / (1 - e^-10)).
TEST(Knee, IsWhereTheScaledSlopeIsOne) {
  const auto curve = curve_of([](double x) { return 1 - std::exp(-x); }, 0, 10, 1001);
  const auto knee = find_knee(curve, Shape::flattening);
  ASSERT_TRUE(knee);
  EXPECT_NEAR(curve[*knee].x, std::log(10), 0.02);
}

// exp(x) over 0…5 turns where exp(x) is (e^5 - 1) / 5.
TEST(Knee, OfASteepeningCurve) {
  const auto curve = curve_of([](double x) { return std::exp(x); }, 0, 5, 1001);
  const auto knee = find_knee(curve, Shape::steepening);
  ASSERT_TRUE(knee);
  EXPECT_NEAR(curve[*knee].x, std::log((std::exp(5) - 1) / 5), 0.02);
}

TEST(Knee, OfTwoStraightLinesIsWhereTheyMeet) {
  const std::vector<Point> curve = {{0, 0}, {1, 10}, {2, 20}, {3, 30}, {4, 31}, {5, 32}, {6, 33}, {7, 34}};
  const auto knee = find_knee(curve, Shape::flattening);
  ASSERT_TRUE(knee);
  EXPECT_EQ(*knee, 3u);
}

TEST(Knee, OfACurveThatFallsAfterItsPeak) {
  const std::vector<Point> curve = {{0, 10}, {1, 60}, {2, 100}, {3, 99}, {4, 97}, {5, 95}, {6, 80}};
  const auto knee = find_knee(curve, Shape::flattening);
  ASSERT_TRUE(knee);
  EXPECT_EQ(*knee, 2u);
}

TEST(Knee, AStraightLineHasNone) {
  const auto line = curve_of([](double x) { return 3 * x; }, 0, 10, 21);
  EXPECT_FALSE(find_knee(line, Shape::flattening));
  EXPECT_FALSE(find_knee(line, Shape::steepening));
}

TEST(Knee, ACurveBentTheOtherWayHasNone) {
  const auto curve = curve_of([](double x) { return x * x; }, 0, 10, 21);
  EXPECT_FALSE(find_knee(curve, Shape::flattening));
  EXPECT_TRUE(find_knee(curve, Shape::steepening));
}

TEST(Knee, TooFewPointsOrNoExtentHaveNone) {
  EXPECT_FALSE(find_knee({}, Shape::flattening));
  EXPECT_FALSE(find_knee({{1, 1}, {2, 2}}, Shape::flattening));
  EXPECT_FALSE(find_knee({{1, 5}, {2, 5}, {3, 5}}, Shape::flattening));
  EXPECT_FALSE(find_knee({{1, 5}, {1, 6}, {1, 7}}, Shape::flattening));
}

// A bend that is no more than S mean steps above the diagonal is no knee for a less sensitive search.
TEST(Knee, SensitivityDecidesHowMuchOfABendItTakes) {
  const std::vector<Point> curve = {{0, 0}, {1, 1.2}, {2, 2.4}, {3, 3.3}, {4, 4.2}, {5, 5}};
  EXPECT_TRUE(find_knee(curve, Shape::flattening, 0.1));
  EXPECT_FALSE(find_knee(curve, Shape::flattening, 2));
}

}  // namespace
}  // namespace plateau::app::lab
