// What the command line of plateau-load asks for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "load/url.h"

namespace plateau::load {

struct Options {
  std::string url_text;
  Url url;
  std::uint32_t connections = 1;
  std::uint64_t duration_ns = 0;  // 0: no limit in time
  std::uint64_t requests = 0;     // 0: no limit in number; one of the two limits is always set
  double rate = 0;                // requests/s of the open loop; 0: closed loop
  bool keep_alive = true;
  std::uint32_t pipeline = 1;  // requests in flight on one connection, at most
  std::string method = "GET";
  std::uint64_t body_size = 0;       // bytes sent with each request
  std::vector<std::string> paths;    // taken in turn; never empty
  std::vector<std::string> headers;  // "Name: value"
  bool json = false;
  std::string log;                            // path of the request log; empty: none
  std::uint64_t timeout_ns = 10'000'000'000;  // for a connect, and from a request's send to its end
};

struct Invocation {
  Options options;
  bool print_only = false;  // text answers --help or --version: print it and be done
  std::string text;
};

// Errors are usage errors of one line.
Result<Invocation> parse_command_line(int argc, const char* const* argv);

}  // namespace plateau::load
