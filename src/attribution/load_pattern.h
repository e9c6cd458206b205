// How the load comes and how the server's answers go: how long clients think, and stretches in which nothing
// was answered although requests were inside. Bounded: connections beyond a table's size drop out of it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "attribution/budget.h"
#include "attribution/histogram.h"
#include "request/request.h"

namespace plateau::attribution {

// Stretches without an answer, of one order of magnitude: each at least 2^i ns, i being the index.
struct Stalls {
  std::uint64_t count = 0;
  std::uint64_t sum_ns = 0;
  std::uint64_t sat_through = 0;                  // requests that were inside for more than half of one
  std::array<std::uint64_t, kStages> stage_ns{};  // where those requests' time went
};

class LoadPattern {
 public:
  static constexpr std::size_t kOrders = 44;

  // In the order of their ends, as good as that goes.
  void add(const request::Request& request, const Budget& budget);
  // Nobody looked: the stretch before the next answer is no stall.
  void pause() { last_end_ns_ = 0; }

  // From an answer to the next request of the same connection.
  const Histogram& think() const { return think_; }
  // Stalls of at least this long, those that too few requests sat through left out.
  Stalls stalls(std::uint64_t at_least_ns, std::uint64_t sat_through) const;

 private:
  static constexpr std::size_t kTable = 1u << 14;
  struct Last {
    std::uint64_t conn = 0;
    std::uint64_t end_ns = 0;
  };
  void close_gap();

  std::vector<Last> last_;
  Histogram think_;
  std::uint64_t last_end_ns_ = 0;
  // The last stretch of a millisecond or more, and who sat through it so far.
  std::uint64_t gap_from_ns_ = 0, gap_to_ns_ = 0;
  Stalls gap_;
  // By order of length, then by the order of the number of requests that sat through.
  // Empty until there is one: a summary without a pattern stays small.
  std::vector<std::array<Stalls, 16>> by_length_;
};

}  // namespace plateau::attribution
