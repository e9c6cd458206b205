// What a live view shows of the last while, beside sums: a line of seconds, and the slowest requests of the
// last minute or so, with their budgets. Bounded.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "attribution/examples.h"
#include "attribution/histogram.h"
#include "wire/event.h"

namespace plateau::attribution {

struct RecentRequest {
  Example example;
  std::string route;
};

struct RecentSecond {
  std::uint64_t second = 0;  // of CLOCK_MONOTONIC, by the requests' ends
  std::uint64_t count = 0;
  std::uint64_t p50_ns = 0;
  std::uint64_t p99_ns = 0;
  std::uint64_t paused_ns = 0;                    // of it, in which nobody looked
  std::array<std::uint64_t, kStages> stage_ns{};  // sums
};

class Recent {
 public:
  static constexpr std::size_t kSeconds = 300;  // remembered
  static constexpr std::size_t kSlowest = 32;   // of each half minute
  static constexpr std::uint64_t kGenerationNs = 30'000'000'000;

  // `route`: as aggregated; asked for only where the request is kept.
  template <class RouteOf>
  void add(const request::Request& request, const Budget& budget, RouteOf route) {
    if (!request.measured) return;
    count(request.end_ns, budget);
    if (slow_enough(request.end_ns, budget)) keep({example_of(request, budget), std::string(route())});
  }
  void add(const wire::Pause& pause);

  // By time; seconds in which nothing ended are left out, the one under way is not.
  std::vector<RecentSecond> seconds() const;
  // Of the last half minute to minute, by falling latency.
  std::vector<RecentRequest> slowest() const;

 private:
  void count(std::uint64_t end_ns, const Budget& budget);
  void close_second();
  bool slow_enough(std::uint64_t end_ns, const Budget& budget);
  void keep(RecentRequest request);

  std::vector<RecentSecond> past_;  // a ring, `oldest_` the first of it
  std::size_t oldest_ = 0;
  RecentSecond open_;
  Histogram latency_;
  std::vector<RecentRequest> slowest_;  // a heap, the fastest of them first
  std::vector<RecentRequest> before_;   // of the generation before
  std::uint64_t generation_ = 0;
};

}  // namespace plateau::attribution
