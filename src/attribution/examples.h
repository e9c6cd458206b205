// A few requests to look at one by one: the slowest, and some of the others. Bounded: paths are cut.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "attribution/budget.h"
#include "request/request.h"

namespace plateau::attribution {

inline constexpr std::size_t kLongestPath = 200;

struct Example {
  std::string method;  // empty: not known
  std::string path;
  int status = 0;
  std::uint64_t conn = 0;
  std::uint32_t seq = 0;
  std::uint32_t reader_tid = 0;
  std::uint32_t writer_tid = 0;
  std::uint64_t ready_ns = 0;
  std::uint64_t recv_ns = 0;
  std::uint64_t first_send_ns = 0;
  std::uint64_t end_ns = 0;
  std::uint64_t bytes_out = 0;
  std::uint32_t retransmits = 0;
  Budget budget;
};

Example example_of(const request::Request& request, const Budget& budget);

class Examples {
 public:
  static constexpr std::size_t kSlowest = 5, kOthers = 64;

  void add(const request::Request& request, const Budget& budget);

  // By falling latency.
  std::vector<Example> slowest() const;
  // The one of the others whose latency is nearest; nullopt if there was none.
  std::optional<Example> nearest(std::uint64_t latency_ns) const;

 private:
  std::vector<Example> slowest_;  // a heap, the fastest of them first
  std::vector<Example> others_;   // a reservoir: each request is in it with the same chance
  std::uint64_t seen_ = 0;
  std::uint64_t random_ = 88172645463325252u;
};

}  // namespace plateau::attribution
