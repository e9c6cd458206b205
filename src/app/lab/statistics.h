// Medians, quartiles and spreads over rounds. Pure.
#pragma once

#include <cstddef>
#include <vector>

namespace plateau::app::lab {

// In the unit of the values; all 0 where there are none (count says so).
struct Spread {
  double q1 = 0;
  double median = 0;
  double q3 = 0;
  std::size_t count = 0;

  // Interquartile range as a share of the median; 0 where the median is 0.
  double relative() const { return median != 0 ? (q3 - q1) / median : 0; }
};

// p in 0…1, by linear interpolation between the two nearest ranks; 0 for no values.
double quantile(std::vector<double> values, double p);

Spread spread_of(const std::vector<double>& values);

}  // namespace plateau::app::lab
