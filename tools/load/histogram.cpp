#include "load/histogram.h"

#include <algorithm>
#include <cmath>

namespace plateau::load {

std::uint64_t Histogram::highest_in(std::size_t index) {
  if (index < kLinear) return index;
  const std::size_t shift = index / kLinear - 1;
  const std::uint64_t lowest = static_cast<std::uint64_t>(index % kLinear + kLinear) << shift;
  return lowest + ((std::uint64_t{1} << shift) - 1);
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
  min_ = std::min(min_, other.min_);
}

std::uint64_t Histogram::percentile(double percent) const {
  if (count_ == 0) return 0;
  const double share = std::clamp(percent, 0.0, 100.0) / 100.0;
  // The tiny amount taken off keeps 99.9 % of 1000 from becoming 1000 by rounding.
  const double exact = share * static_cast<double>(count_);
  const auto rank = static_cast<std::uint64_t>(std::max(1.0, std::ceil(exact - exact * 1e-12)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::clamp(highest_in(i), min_, max_);
  }
  return max_;
}

}  // namespace plateau::load
