// What plateau-httpd itself says of each request, joined with what plateau saw.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/seen_request.h"

namespace plateau::live {

struct Truth {
  std::string peer;
  std::uint64_t seq = 0;
  std::string method;
  std::string path;
  int status = 0;
  std::uint64_t begin_ns = 0;  // received by the kernel, or, where it gave no stamp, by the server
  std::uint64_t read_ns = 0;
  std::uint64_t write_ns = 0;
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>>
      spans;  // section_wait, section_hold, sleep, spin

  std::uint64_t latency_ns() const { return write_ns - begin_ns; }
  // 0 for a span that there is not.
  std::uint64_t span_ns(const std::string& name) const;
};

// In the order of the log. A line that is no such object fails the running test.
std::vector<Truth> read_truth(const std::string& path);

struct Pair {
  Truth truth;
  SeenRequest seen;
};

// By peer and sequence number; a request that only one of them knows fails the running test.
std::vector<Pair> join(const std::vector<Truth>& truths, const std::vector<SeenRequest>& seen);

// What a client has in hand the kernel has accepted before: where the log of plateau-load at `path` has an
// answer's end earlier than the server, which may have lost its CPU between its send and its look at the
// clock, write_ns becomes that.
void move_ends_up(std::vector<Truth>& truths, const std::string& path);

}  // namespace plateau::live
