// Requests of one route by status code, for exporters. The buckets are fixed, so that the exported counts are
// exact and a scan of many routes costs little memory.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace plateau::attribution {

// Upper bounds, inclusive, in ns: 10 us to 10 s.
inline constexpr std::array<std::uint64_t, 19> kLatencyBoundsNs{
    10'000,      25'000,        50'000,        100'000,       250'000,       500'000,     1'000'000,
    2'500'000,   5'000'000,     10'000'000,    25'000'000,    50'000'000,    100'000'000, 250'000'000,
    500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000};

// Status codes kept apart for one route; the others of the route count as kOtherStatus.
inline constexpr std::size_t kStatusesPerRoute = 16;
inline constexpr int kOtherStatus = -1;

// A request whose trace is known.
struct TraceExample {
  std::array<std::uint8_t, 16> trace{};  // all 0: none
  std::uint64_t latency_ns = 0;
  std::uint64_t end_ns = 0;  // CLOCK_MONOTONIC
};

struct StatusStats {
  int status = 0;  // 0: no answer seen
  std::uint64_t count = 0;
  std::uint64_t latency_ns = 0;  // sum
  // How many took up to the bound of the same index and more than the one before; the last: more than all.
  std::array<std::uint64_t, kLatencyBoundsNs.size() + 1> buckets{};
  std::vector<TraceExample> traces;  // the last one of each bucket; empty where none was given

  static std::size_t bucket_of(std::uint64_t ns) {
    const auto bound = std::lower_bound(kLatencyBoundsNs.begin(), kLatencyBoundsNs.end(), ns);
    return static_cast<std::size_t>(bound - kLatencyBoundsNs.begin());
  }

  void add(std::uint64_t ns) {
    count++;
    latency_ns += ns;
    buckets[bucket_of(ns)]++;
  }

  void add(const TraceExample& example) {
    traces.resize(buckets.size());
    TraceExample& last = traces[bucket_of(example.latency_ns)];
    if (example.end_ns >= last.end_ns) last = example;
  }

  void merge(const StatusStats& other) {
    count += other.count;
    latency_ns += other.latency_ns;
    for (std::size_t i = 0; i < buckets.size(); i++) buckets[i] += other.buckets[i];
    for (const TraceExample& example : other.traces)
      if (example.end_ns != 0) add(example);
  }
};

// The entry of `status` in a route's list; of kOtherStatus once the list is full.
inline StatusStats& stats_of(std::vector<StatusStats>& list, int status) {
  for (auto& entry : list)
    if (entry.status == status) return entry;
  if (list.size() >= kStatusesPerRoute && status != kOtherStatus) return stats_of(list, kOtherStatus);
  list.push_back({});
  list.back().status = status;
  return list.back();
}

}  // namespace plateau::attribution
