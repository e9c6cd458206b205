// Medians and quartiles over rounds, and ratios over pairs of rounds. Pure.
#pragma once

#include <cstddef>
#include <vector>

namespace plateau::overhead {

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

// on[i] ÷ off[i] for each i that both have and whose off[i] is above 0: drift of the machine, slower than a
// pair, cancels out.
std::vector<double> pair_ratios(const std::vector<double>& off, const std::vector<double>& on);

}  // namespace plateau::overhead
