// Linear least squares in three coefficients that must not be negative.
#pragma once

#include <array>
#include <vector>

namespace plateau::model {

// The x >= 0 that minimises the sum of (row · x - wanted)^2, found by trying every set of coefficients that
// may differ from 0 (Lawson and Hanson: Solving Least Squares Problems, 1974, chapter 23; with three there
// are only seven). As many values wanted as rows.
std::array<double, 3> non_negative_least_squares(const std::vector<std::array<double, 3>>& rows,
                                                 const std::vector<double>& wanted);

}  // namespace plateau::model
