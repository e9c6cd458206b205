#include "attribution/histogram.h"

#include <algorithm>
#include <cmath>

namespace plateau::attribution {

void Histogram::merge(const Histogram& other) {
  if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size());
  for (std::size_t i = 0; i < other.counts_.size(); i++) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ns_ += other.sum_ns_;
  max_ns_ = std::max(max_ns_, other.max_ns_);
}

Histogram Histogram::since(const Histogram& before) const {
  Histogram grown;
  grown.count_ = count_ - before.count_;
  grown.sum_ns_ = sum_ns_ - before.sum_ns_;
  if (grown.count_ == 0) return grown;
  grown.counts_ = counts_;
  for (std::size_t i = 0; i < before.counts_.size(); i++) grown.counts_[i] -= before.counts_[i];
  while (grown.counts_.back() == 0) grown.counts_.pop_back();
  grown.max_ns_ = max_ns_ > before.max_ns_ ? max_ns_ : std::min(max_ns_, lowest_in(grown.counts_.size()) - 1);
  return grown;
}

std::uint64_t Histogram::quantile(double p) const {
  if (count_ == 0) return 0;
  const auto below =
      static_cast<std::uint64_t>(std::ceil(std::clamp(p, 0.0, 1.0) * static_cast<double>(count_)));
  const std::uint64_t rank = std::max<std::uint64_t>(below, 1);
  if (rank >= count_) return max_ns_;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); i++) {
    seen += counts_[i];
    if (seen >= rank) return std::min(max_ns_, lowest_in(i) + (lowest_in(i + 1) - lowest_in(i)) / 2);
  }
  return max_ns_;
}

std::uint64_t Histogram::at_most(std::uint64_t ns) const {
  const std::size_t last = bucket_of(ns);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < counts_.size() && i <= last; i++) sum += counts_[i];
  return sum;
}

}  // namespace plateau::attribution
