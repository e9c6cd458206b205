// Talks to a web server on 127.0.0.1, well or badly.
#pragma once

#include <cstdint>
#include <string>

#include "base/fd.h"

namespace plateau::sink {

// A connection; not valid if there is none to be had.
Fd connect_to(std::uint16_t port);
bool send_text(const Fd& connection, const std::string& text);
// What comes until the other end closes or nothing came for 10 s.
std::string read_all(const Fd& connection);

// The whole answer to a GET with these header lines ("Accept: x\r\n"); empty if there is none.
std::string get(std::uint16_t port, const std::string& path, const std::string& headers = "");
std::string body_of(const std::string& answer);

}  // namespace plateau::sink
