// Where to serve, as the command line says it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace plateau::sink {

struct ListenAddress {
  std::string host;        // IPv4, numeric
  std::uint16_t port = 0;  // 0: any free one

  std::string text() const { return host + ":" + std::to_string(port); }
};

// "127.0.0.1:9464"; "localhost:9464", ":9464" and "9464" are on 127.0.0.1. ExitCode::usage for anything else:
// other names, and IPv6.
Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace plateau::sink
