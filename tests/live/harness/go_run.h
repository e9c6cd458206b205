// tests/targets/gostages under load and under plateau: what it says of each request, joined with what plateau
// saw.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/seen_request.h"

namespace plateau::live {

struct GoRun {
  std::string path;             // "/sleep?us=1000"
  std::size_t requests = 1;     //
  std::size_t connections = 1;  //
  std::size_t pipeline = 1;     // requests under way on a connection
  int procs = 2;                // GOMAXPROCS
  int spinners = 0;             // goroutines that compute without end
  std::string build{};          // "" or "_stripped"
  bool reasons = false;         // have plateau say what goroutines wait for
};

struct GoPair {
  std::uint64_t goid = 0;    // as its own stack says
  std::uint64_t planted_ns;  // by the server's clock
  std::uint64_t handler_ns;  // in the handler, the answer left out
  SeenRequest seen;
};

// Empty, and the test failed, unless every request was seen once, with an exact framing.
std::vector<GoPair> run_go(const GoRun& run);

}  // namespace plateau::live
