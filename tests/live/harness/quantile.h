#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace plateau::live {

// The value that a share `p` of the values, which must not be empty, lie below.
template <class T>
T quantile(std::vector<T> values, double p) {
  const auto rank = static_cast<std::size_t>(p * static_cast<double>(values.size()));
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::min(rank, values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace plateau::live
