// Which requests have spans.
#pragma once

#include <cstdint>

#include "attribution/budget.h"
#include "request/request.h"
#include "sink/otlp/counts.h"
#include "sink/otlp/settings.h"

namespace plateau::sink::otlp {

// Slow ones, and of the others those that their caller's trace is sampled of; where the caller says nothing,
// one in so many. What the caller does not sample has none, however slow.
class Sampler {
 public:
  Sampler(const Settings& settings, Counts& counts) : settings_(settings), counts_(counts) {}

  // Counts the spans of those that are left out though they are slow or sampled.
  bool takes(const request::Request& request, const attribution::Budget& budget);

 private:
  bool wanted(const request::Request& request, const attribution::Budget& budget);
  bool chance();

  const Settings settings_;
  Counts& counts_;
  std::uint64_t random_ = 88172645463325252u;
  std::uint64_t second_ = 0;  // of the requests' ends, and how many it has taken
  std::uint64_t taken_ = 0;
};

}  // namespace plateau::sink::otlp
