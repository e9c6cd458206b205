// What share of the target's requests and bytes the result explains, and what was lost where.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "request/counters.h"
#include "wire/facts.h"

namespace plateau::attribution {

struct Loss {
  std::string cause;  // a metric label: "ring_full", …
  std::string what;   // for people
  std::uint64_t count = 0;
};

struct Coverage {
  std::uint64_t seen = 0;       // requests handed out, and turns lost on the way
  std::uint64_t explained = 0;  // of known framing, exact or inferred
  std::uint64_t inferred = 0;
  std::uint64_t partial = 0;
  std::uint64_t unknown = 0;      // framing not known
  std::uint64_t interrupted = 0;  // under way when looking paused: not among those seen
  std::uint64_t bytes_moved = 0;
  std::uint64_t bytes_seen = 0;
  std::vector<Loss> losses;  // every cause, also those with 0

  // Requests of which nothing can be told, a turn on its connection counted as one.
  std::uint64_t lost_requests() const { return seen - explained - unknown; }
  double requests() const { return seen ? static_cast<double>(explained) / static_cast<double>(seen) : 1; }
  // At most 1: bytes of requests begun before the capture are seen and not counted as moved.
  double bytes() const {
    return bytes_moved > bytes_seen ? static_cast<double>(bytes_seen) / static_cast<double>(bytes_moved) : 1;
  }
};

Coverage coverage_of(const wire::Facts& facts, const request::Counters& counters,
                     std::uint64_t malformed_records);

}  // namespace plateau::attribution
