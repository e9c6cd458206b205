// The knee of a curve, where more of x stops paying: Kneedle (Satopää, Albrecht, Irwin, Raghavan: Finding a
// "Kneedle" in a Haystack: Detecting Knee Points in System Behavior, ICDCS Workshops 2011). Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace plateau::app::lab {

struct Point {
  double x = 0;
  double y = 0;
};

enum class Shape {
  flattening,  // rises ever more slowly, as throughput over load does: concave
  steepening,  // rises ever faster, as latency over load does: convex
};

// The paper's S, for a curve that is known in full: smaller finds more knees.
inline constexpr double kKneeSensitivity = 1;

// Index of the first knee of a rising curve, its points in order of x. None: fewer than three points, x or y
// without extent, or a curve without a knee, such as a straight line. The values are taken as they are: what
// is to be smoothed or seen on a logarithmic scale, the caller smooths or scales.
std::optional<std::size_t> find_knee(const std::vector<Point>& curve, Shape shape,
                                     double sensitivity = kKneeSensitivity);

}  // namespace plateau::app::lab
