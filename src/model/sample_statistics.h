// Statistics of simulated samples.
#pragma once

#include <vector>

namespace plateau::model {

// 0 if empty.
double mean(const std::vector<double>& values);

// Half the 95 % confidence interval of the mean of independent, about normal values, by Student's t; 0 for
// fewer than two.
double half_width(const std::vector<double>& values);

// The smallest value that at least the share p (0…1) of all does not exceed; 0 if empty. Reorders the values.
double quantile(std::vector<double>& values, double p);

}  // namespace plateau::model
