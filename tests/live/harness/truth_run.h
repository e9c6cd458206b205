// plateau-httpd with its truth log, under load and under plateau.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/truth_log.h"

namespace plateau::live {

struct TruthRun {
  std::vector<std::string> switches;  // of plateau-httpd
  std::size_t connections = 1;
  std::size_t requests = 1;
  std::vector<std::string> options{};  // of plateau
  std::vector<std::string> load{};     // of plateau-load
  bool recorded = false;               // through a capture file
  std::string excuse{};                // if plateau says so, the run proves nothing; empty: nothing excuses
  bool stamps = true;                  // the kernel tells the server when bytes came; io_uring has it not
};

// The server has a CPU of its own where there are two: a woken client that takes the server's CPU would delay
// the server's own reading of the clock, and so its truth. Empty, and the test failed, if a request is
// missing; empty and not failed if plateau says what excuses it.
std::vector<Pair> run_with_truth(const TruthRun& run);

}  // namespace plateau::live
