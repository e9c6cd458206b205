// Whom exported data is about.
#pragma once

#include <cstdint>
#include <string>

namespace plateau::sink::otlp {

// What is followed.
struct Target {
  std::string command;
  std::int32_t pid = 0;
  std::string listening;            // the first address; empty: none
  std::uint64_t start_unix_ns = 0;  // of the attach
};

}  // namespace plateau::sink::otlp
