// What the command line of plateau-load asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "load/expectations.h"
#include "load/targets.h"
#include "load/url.h"

namespace plateau::load {

enum class TlsVersion : std::uint8_t { any, v1_2, v1_3 };

struct Options {
  std::string url_text;
  Url url;
  std::uint32_t connections = 1;
  std::uint32_t threads = 1;      // at most as many as connections
  std::uint64_t duration_ns = 0;  // of the whole run; 0: no limit in time
  std::uint64_t requests = 0;     // 0: no limit in number; one of the two limits is always set
  std::vector<double> rates;      // requests/s of the open loop, one after the other; none: closed loop
  std::uint64_t step_ns = 0;      // how long each rate lasts; 0: there are no steps
  std::uint64_t ramp_ns = 0;      // over which the connections are opened
  bool keep_alive = true;
  std::uint32_t pipeline = 1;  // requests in flight on one connection, at most
  std::string method = "GET";
  std::string body;
  std::uint64_t chunk_size = 0;       // of the body's chunks; 0: sent with its length
  std::vector<Target> targets;        // never empty
  std::optional<std::uint64_t> seed;  // of the targets' order
  std::vector<std::string> headers;   // "Name: value"
  Expectations expect;
  TlsVersion tls = TlsVersion::any;
  bool tls_resumption = true;
  bool insecure = false;
  bool json = false;
  std::string log;                            // path of the request log; empty: none
  std::uint64_t timeout_ns = 10'000'000'000;  // for a connect, and from a request's send to its end

  bool open_loop() const { return !rates.empty(); }
};

struct Invocation {
  Options options;
  bool print_only = false;  // text answers --help or --version: print it and be done
  std::string text;
};

// Errors are usage errors of one line, a body file that cannot be read among them.
Result<Invocation> parse_command_line(int argc, const char* const* argv);

}  // namespace plateau::load
