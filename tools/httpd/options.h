// What the command line of plateau-httpd asks for.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "httpd/bottleneck_options.h"
#include "httpd/protocol_options.h"

namespace plateau::httpd {

enum class EngineKind : std::uint8_t { thread, epoll, reuseport, pool, io_uring };
enum class BodyMode : std::uint8_t { single, buffered, writev, sendfile, splice, zerocopy };
enum class SectionKind : std::uint8_t { none, global, sharded };

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: the kernel picks
  int backlog = 1024;
  EngineKind engine = EngineKind::thread;
  BodyMode body = BodyMode::single;
  std::uint64_t size = 1024;  // body bytes of "GET /", at most kMaxBody
  SectionKind section = SectionKind::none;
  std::uint64_t hold_ns = 0;   // how long a request holds the section
  std::uint64_t sleep_ns = 0;  // 0: no sleep
  std::uint64_t spin_ns = 0;   // 0: no spinning
  bool keep_alive = true;
  std::uint64_t requests_per_connection = 0;  // 0: unlimited
  std::string truth;                          // path of the truth log; empty: none
  BottleneckOptions bottleneck;
  ProtocolOptions protocol;
};

struct Invocation {
  Options options;
  bool print_only = false;  // text answers --help, --version or --list-switches: print it and be done
  std::string text;
};

// Reads the command line: a preset first, then explicit switches. Errors are usage errors of one line.
Result<Invocation> parse_command_line(int argc, const char* const* argv);

}  // namespace plateau::httpd
