// How the parts of a request are named to users and programs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "request/request.h"

namespace plateau::sink {

// `ip`: of `addr`, its peer or its own. "127.0.0.1", "::1" or "unix".
std::string address_text(const pl_addr& addr, const pl_u8 (&ip)[16]);
// "127.0.0.1:80", "[::1]:80" or "unix".
std::string end_point(const pl_addr& addr, const pl_u8 (&ip)[16], std::uint16_t port);

// Of the ways in which it was sent (enum pl_path), joined by "+"; empty: nothing was sent.
std::string path_names(std::uint8_t paths);
std::string_view framing_name(request::Framing framing);
std::string_view outcome_name(request::Outcome outcome);

}  // namespace plateau::sink
