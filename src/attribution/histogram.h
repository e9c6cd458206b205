// Log-linear histogram of durations: each power of two is cut into 32 equal buckets, so that a percentile is
// off by 1.6 % at most. Counts are exact; memory is bounded by the range (about 9 KiB for 1 ns to 10
// minutes).
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace plateau::attribution {

class Histogram {
 public:
  void add(std::uint64_t ns) {
    const std::size_t bucket = bucket_of(ns);
    if (bucket >= counts_.size()) counts_.resize(bucket + 1);
    counts_[bucket]++;
    count_++;
    sum_ns_ += ns;
    if (ns > max_ns_) max_ns_ = ns;
  }

  void merge(const Histogram& other);

  // What was added since this histogram was `before`. Its highest value is exact if it is the highest of all.
  Histogram since(const Histogram& before) const;

  // The middle of the bucket that holds the p-th quantile, p in 0…1; 0 if empty. The highest one is exact.
  std::uint64_t quantile(double p) const;

  // How many values are at most `ns`, as exact as the buckets.
  std::uint64_t at_most(std::uint64_t ns) const;

  std::uint64_t count() const { return count_; }
  std::uint64_t sum_ns() const { return sum_ns_; }
  std::uint64_t max_ns() const { return max_ns_; }

 private:
  static constexpr unsigned kSubBits = 5;

  static std::size_t bucket_of(std::uint64_t ns) {
    if (ns < (1u << kSubBits)) return ns;
    const unsigned shift = static_cast<unsigned>(std::bit_width(ns)) - 1 - kSubBits;
    return (static_cast<std::size_t>(shift) << kSubBits) + (ns >> shift);
  }
  static std::uint64_t lowest_in(std::size_t bucket) {
    if (bucket < (2u << kSubBits)) return bucket;
    const std::size_t shift = (bucket >> kSubBits) - 1;
    return ((bucket & ((1u << kSubBits) - 1)) + (1u << kSubBits)) << shift;
  }

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ns_ = 0;
  std::uint64_t max_ns_ = 0;
};

}  // namespace plateau::attribution
