// A log-linear histogram of 64-bit values, as HdrHistogram's: 128 equal buckets an octave, so a percentile
// read back is the value put in or at most 1/128 (0.79 %) above it, from 0 to 2^64 - 1; below 256 it is
// exact. Fixed memory (58 KiB), constant time a record.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace plateau::load {

class Histogram {
 public:
  Histogram() : counts_(kBuckets) {}

  void record(std::uint64_t value) {
    ++counts_[index_of(value)];
    ++count_;
    sum_ += static_cast<double>(value);
    if (value > max_) max_ = value;
    if (value < min_) min_ = value;
  }

  void merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return max_; }                    // exact; 0 if empty
  std::uint64_t min() const { return count_ == 0 ? 0 : min_; }  // exact; 0 if empty
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

  // The smallest recorded value that at least `percent` (0 to 100) of all values do not exceed, up to the
  // bucket's width; 0 if empty.
  std::uint64_t percentile(double percent) const;

 private:
  static constexpr int kBits = 7;
  static constexpr std::size_t kLinear = std::size_t{1} << kBits;
  static constexpr std::size_t kBuckets = (64 - kBits + 1) * kLinear;

  // Values below 128 have a bucket each; above, the octave and the 7 bits after the leading one choose it.
  static std::size_t index_of(std::uint64_t value) {
    if (value < kLinear) return static_cast<std::size_t>(value);
    const int shift = static_cast<int>(std::bit_width(value)) - kBits - 1;
    return static_cast<std::size_t>(shift + 1) * kLinear + static_cast<std::size_t>(value >> shift) - kLinear;
  }
  static std::uint64_t highest_in(std::size_t index);

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
  std::uint64_t min_ = ~std::uint64_t{0};
  double sum_ = 0;
};

}  // namespace plateau::load
