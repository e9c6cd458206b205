#include "model/sample_statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace plateau::model {
namespace {

// Student's t at 97.5 %, by Cornish and Fisher's expansion around the normal quantile: within 1 % from 4
// degrees of freedom on.
double student_t(double freedom) {
  const double z = 1.959963985;
  const double z3 = z * z * z, z5 = z3 * z * z;
  return z + (z3 + z) / (4 * freedom) + (5 * z5 + 16 * z3 + 3 * z) / (96 * freedom * freedom);
}

}  // namespace

double mean(const std::vector<double>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double half_width(const std::vector<double>& values) {
  if (values.size() < 2) return 0;
  const double n = static_cast<double>(values.size()), centre = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - centre) * (value - centre);
  return student_t(n - 1) * std::sqrt(squares / (n - 1) / n);
}

double quantile(std::vector<double>& values, double p) {
  if (values.empty()) return 0;
  const double rank = std::ceil(std::clamp(p, 0.0, 1.0) * static_cast<double>(values.size()));
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::max(rank, 1.0)) - 1;
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace plateau::model
