// A request that is to have spans, kept until they are made.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "attribution/budget.h"
#include "request/request.h"

namespace plateau::sink::otlp {

struct TracedRequest {
  request::Request request;
  attribution::Budget budget;
  std::string route;  // as aggregated

  std::size_t bytes() const {
    return sizeof(*this) + request.method.capacity() + request.path.capacity() + route.capacity();
  }
};

// One for the request, and one for each of its stages.
inline std::size_t spans_in(const attribution::Budget& budget) {
  return 1 + budget.ns.size() -
         static_cast<std::size_t>(std::count(budget.ns.begin(), budget.ns.end(), std::uint64_t{0}));
}

}  // namespace plateau::sink::otlp
