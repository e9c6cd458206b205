#include "attribution/latency_profile.h"

#include <algorithm>
#include <bit>

namespace plateau::attribution {
namespace {

constexpr unsigned kSubBits = 3;
constexpr unsigned kOctaves = 43;  // 2.4 hours: what takes longer counts as that

}  // namespace

std::uint32_t LatencyProfile::bucket_of(std::uint64_t ns) {
  if (ns < (1u << kSubBits)) return static_cast<std::uint32_t>(ns);
  const unsigned octave = static_cast<unsigned>(std::bit_width(ns)) - 1;
  if (octave >= kOctaves) return kOctaves << kSubBits;
  const auto part = static_cast<std::uint32_t>(ns >> (octave - kSubBits)) & ((1u << kSubBits) - 1);
  return (octave << kSubBits) + part;
}

void LatencyProfile::add(const Budget& budget) {
  Cell& cell = cells_[bucket_of(budget.latency_ns)];
  cell.count++;
  count_++;
  for (std::size_t i = 0; i < kStages; i++) {
    if (budget.ns[i] == 0) continue;
    const auto ns = static_cast<double>(budget.ns[i]);
    cell.sum_ns[i] += budget.ns[i];
    cell.squares[i] += ns * ns;
  }
}

void LatencyProfile::merge(const LatencyProfile& other) {
  count_ += other.count_;
  for (const auto& [bucket, from] : other.cells_) {
    Cell& into = cells_[bucket];
    into.count += from.count;
    for (std::size_t i = 0; i < kStages; i++) {
      into.sum_ns[i] += from.sum_ns[i];
      into.squares[i] += from.squares[i];
    }
  }
}

LatencyBand LatencyProfile::band(double from, double to) const {
  LatencyBand band;
  const double all = static_cast<double>(count_), first = from * all, last = to * all;
  std::array<double, kStages> squares{};
  double before = 0;
  for (const auto& [bucket, cell] : cells_) {
    const auto count = static_cast<double>(cell.count);
    const double inside = std::min(before + count, last) - std::max(before, first);
    before += count;
    if (inside <= 0) continue;
    band.requests += inside;
    for (std::size_t i = 0; i < kStages; i++) {
      band.mean_ns[i] += static_cast<double>(cell.sum_ns[i]) * inside / count;
      squares[i] += cell.squares[i] * inside / count;
    }
  }
  if (band.requests <= 0) return {};
  for (std::size_t i = 0; i < kStages; i++) {
    band.mean_ns[i] /= band.requests;
    band.latency_ns += band.mean_ns[i];
    band.variance[i] = std::max(0.0, squares[i] / band.requests - band.mean_ns[i] * band.mean_ns[i]);
  }
  return band;
}

LatencyBand around(const LatencyProfile& profile, double quantile) {
  const double reach = std::min(0.05, (1 - quantile) / 2);
  return profile.band(quantile - reach, quantile + reach);
}

}  // namespace plateau::attribution
