// The command line as CLI11 fills it in, before our own checks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "load/options.h"

namespace plateau::load {

struct Given {
  Options options;
  std::string rate;
  std::string step;
  std::string ramp;
  std::string duration;
  std::string timeout = "10s";
  std::string keep_alive = "on";
  std::string resumption = "on";
  std::string tls;
  std::string body_file;
  std::uint64_t body_size = 0;
  std::vector<std::string> paths;
  std::vector<std::string> targets;
  std::string seed;
  std::string expect_status;
  std::string expect_length;
  std::string expect_hash;
};

// The checked options; an error is of one line.
Result<Options> finish(Given given);

}  // namespace plateau::load
