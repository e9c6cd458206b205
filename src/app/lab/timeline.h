// What a log of requests shows over time. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "app/lab/load.h"
#include "app/lab/measure.h"

namespace plateau::app::lab {

// One reading of a server's memory and threads.
struct MemoryReading {
  std::uint64_t at_ns = 0;
  std::uint64_t rss_bytes = 0;
  unsigned threads = 0;
};

// What happened from the reading before to this one.
struct Sample {
  double at_s = 0;  // since the first reading
  double per_second = 0;
  double p999_ns = 0;  // of the requests answered; 0 if there were none
  std::uint64_t rss_bytes = 0;
  unsigned threads = 0;
};

// One sample for each reading but the first.
std::vector<Sample> samples_of(const std::vector<MemoryReading>& readings,
                               const std::vector<LoggedRequest>& requests);

// Runs of requests slower than `least_ns`, closer to each other than a tenth of a second: freezes of the
// server, each as long as its slowest request.
PauseFigures find_pauses(std::vector<LoggedRequest> requests, double least_ns);

// The slowest request of each slice of time, in order: what a plot of latency over time shows. x in seconds
// since the first request, y in ms.
struct SlicePoint {
  double x = 0;
  double y = 0;
};
std::vector<SlicePoint> slowest_by_slice(const std::vector<LoggedRequest>& requests, std::uint64_t slice_ns);

}  // namespace plateau::app::lab
