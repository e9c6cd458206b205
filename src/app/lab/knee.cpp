#include "app/lab/knee.h"

#include <algorithm>

namespace plateau::app::lab {
namespace {

struct Range {
  double low = 0;
  double high = 0;
  double scaled(double value) const { return (value - low) / (high - low); }
};

Range range_of(const std::vector<Point>& curve, double Point::*axis) {
  const auto [low, high] = std::ranges::minmax_element(curve, {}, axis);
  return {(*low).*axis, (*high).*axis};
}

// The paper's steps 2 and 3: both axes scaled to 0…1, a convex curve turned round both of them into a concave
// one, and the distance above the diagonal taken.
std::vector<Point> difference_curve(const std::vector<Point>& curve, Shape shape, Range xs, Range ys) {
  std::vector<Point> difference;
  for (const Point& point : curve) {
    Point unit{xs.scaled(point.x), ys.scaled(point.y)};
    if (shape == Shape::steepening) unit = {1 - unit.x, 1 - unit.y};
    difference.push_back({unit.x, unit.y - unit.x});
  }
  if (shape == Shape::steepening) std::ranges::reverse(difference);
  return difference;
}

bool is_local_maximum(const std::vector<Point>& curve, std::size_t i) {
  return i > 0 && i + 1 < curve.size() && curve[i - 1].y < curve[i].y && curve[i + 1].y <= curve[i].y;
}

// Steps 4 to 6: the first local maximum after which the distance falls below its threshold before it reaches
// the next local maximum.
std::optional<std::size_t> first_knee(const std::vector<Point>& curve, double sensitivity) {
  const double mean_step = (curve.back().x - curve.front().x) / static_cast<double>(curve.size() - 1);
  std::optional<std::size_t> candidate;
  double threshold = 0;
  for (std::size_t i = 1; i < curve.size(); i++) {
    if (candidate && curve[i].y < threshold) return candidate;
    if (!is_local_maximum(curve, i)) continue;
    candidate = i;
    threshold = curve[i].y - sensitivity * mean_step;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::size_t> find_knee(const std::vector<Point>& curve, Shape shape, double sensitivity) {
  if (curve.size() < 3) return std::nullopt;
  const Range xs = range_of(curve, &Point::x);
  const Range ys = range_of(curve, &Point::y);
  if (xs.low == xs.high || ys.low == ys.high) return std::nullopt;
  const auto found = first_knee(difference_curve(curve, shape, xs, ys), sensitivity);
  if (!found || shape == Shape::flattening) return found;
  return curve.size() - 1 - *found;
}

}  // namespace plateau::app::lab
