// What a run amounts to.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "load/expectations.h"
#include "load/histogram.h"

namespace plateau::load {

enum class ErrorKind : std::uint8_t {
  connect,    // no connection: refused, no port, or not within the timeout
  tls,        // connected, but no TLS handshake
  reset,      // the connection broke
  closed,     // the server closed it before the first byte of the response
  cut_short,  // the server closed it within the response
  timeout,    // no whole response within the timeout
  malformed,  // not a well-framed HTTP/1 response, or bytes nobody asked for
};
inline constexpr std::array<std::string_view, 7> kErrorNames = {"connect", "tls",     "reset",    "closed",
                                                                "short",   "timeout", "malformed"};

// Of all requests, or of those planned for one step.
struct Counts {
  Histogram latency_ns;  // of every answered request, from its scheduled time to its last byte
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t bytes_in = 0;                   // heads and framing included, TLS not, of answered requests
  std::uint64_t bytes_out = 0;                  // likewise
  std::array<std::uint64_t, 6> status_class{};  // index 2 for 2xx
  std::array<std::uint64_t, kErrorNames.size()> errors{};
  std::array<std::uint64_t, kMismatchNames.size()> mismatches{};  // among the answered

  void count(ErrorKind kind) { ++errors[static_cast<std::size_t>(kind)]; }
  void count(Mismatch kind) { ++mismatches[static_cast<std::size_t>(kind)]; }
  std::uint64_t error_count() const { return std::accumulate(errors.begin(), errors.end(), std::uint64_t{}); }
  std::uint64_t mismatch_count() const {
    return std::accumulate(mismatches.begin(), mismatches.end(), std::uint64_t{});
  }
  void merge(const Counts& other);
};

struct StepTally {
  double rate = 0;              // planned requests/s; 0: closed loop
  std::uint64_t start_ns = 0;   // of the step's time, monotonic
  std::uint64_t end_ns = 0;     // 0: no limit in time
  std::uint64_t planned = 0;    // requests; 0 where the plan has no number
  std::uint64_t in_window = 0;  // responses that came in the step's time, whatever step they belong to
  Counts counts;                // of the requests planned for the step

  // Responses a second over the step's time; 0 without a limit in time.
  double throughput() const;
};

struct Tally {
  std::vector<StepTally> steps;  // one for each rate; one where there is a single rate or none
  Histogram handshake_ns;        // of TLS, from the standing connection on
  std::uint64_t handshakes_full = 0;
  std::uint64_t handshakes_resumed = 0;
  std::uint64_t connects = 0;
  std::uint64_t resent = 0;      // pipelined behind a response after which the server closed, sent again
  std::uint64_t unsent = 0;      // planned, but the run was over before a connection was free
  std::uint64_t unfinished = 0;  // under way when the run was interrupted
  std::uint64_t start_ns = 0;    // monotonic
  std::uint64_t end_ns = 0;      // of the last response, or of the run if none came
  std::string first_mismatch;    // for people; empty if there was none
  bool interrupted = false;

  Counts total() const;
  double seconds() const { return static_cast<double>(end_ns - start_ns) / 1e9; }
  // Adds what another thread did on the same plan.
  void merge(const Tally& other);
};

}  // namespace plateau::load
