#include "overhead/statistics.h"

#include <algorithm>
#include <cmath>

namespace plateau::overhead {

double quantile(std::vector<double> values, double p) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double rank = std::clamp(p, 0.0, 1.0) * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(rank));
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (rank - std::floor(rank)) * (values[above] - values[below]);
}

Spread spread_of(const std::vector<double>& values) {
  return {quantile(values, 0.25), quantile(values, 0.5), quantile(values, 0.75), values.size()};
}

std::vector<double> pair_ratios(const std::vector<double>& off, const std::vector<double>& on) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(off.size(), on.size()); i++)
    if (off[i] > 0) ratios.push_back(on[i] / off[i]);
  return ratios;
}

}  // namespace plateau::overhead
