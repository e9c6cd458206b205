// What a run amounts to.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "load/histogram.h"

namespace plateau::load {

enum class ErrorKind : std::uint8_t {
  connect,    // no connection: refused, no port, or not within the timeout
  reset,      // the connection broke
  closed,     // the server closed it before the response was whole
  timeout,    // no whole response within the timeout
  malformed,  // not a well-framed HTTP/1 response, or bytes nobody asked for
};
inline constexpr std::array<std::string_view, 5> kErrorNames = {"connect", "reset", "short", "timeout",
                                                                "malformed"};

struct Tally {
  Histogram latency_ns;  // of every answered request, from its scheduled time to its last byte
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t bytes_in = 0;   // on the wire, heads included, of answered requests
  std::uint64_t bytes_out = 0;  // likewise
  std::uint64_t connects = 0;
  std::uint64_t resent = 0;      // pipelined behind a response after which the server closed, sent again
  std::uint64_t unsent = 0;      // planned, but the run was over before a connection was free
  std::uint64_t unfinished = 0;  // under way when the run was interrupted
  std::array<std::uint64_t, 6> status_class{};  // index 2 for 2xx
  std::array<std::uint64_t, kErrorNames.size()> errors{};
  std::uint64_t start_ns = 0;  // monotonic
  std::uint64_t end_ns = 0;    // of the last response, or of the run if none came
  bool interrupted = false;

  void count(ErrorKind kind) { ++errors[static_cast<std::size_t>(kind)]; }
  std::uint64_t error_count() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : errors) sum += count;
    return sum;
  }
  double seconds() const { return static_cast<double>(end_ns - start_ns) / 1e9; }
  double throughput() const { return seconds() > 0 ? static_cast<double>(answered) / seconds() : 0; }
};

}  // namespace plateau::load
