// Rows of the socket tables in /proc/net: tcp, udp and their IPv6 twins share one form. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plateau::target {

inline constexpr unsigned kEstablished = 1, kUnconnected = 7, kListen = 10;  // include/net/tcp_states.h

struct ProcNetRow {
  std::string_view local;  // hexadecimal, as in the line it was cut from
  unsigned state = 0;
  std::uint64_t inode = 0;
};

// Nothing for a line that is no row, the table's headline among them.
std::optional<ProcNetRow> parse_proc_net(std::string_view line);

struct UnixListener {
  std::uint64_t inode = 0;
  std::string path;  // "@name" in the abstract namespace; what is not printable is "?"
};

// Of a row of /proc/net/unix; nothing for any other than a stream socket that listens.
std::optional<UnixListener> parse_unix_listener(std::string_view line);

struct Endpoint {
  std::string address;  // numeric, IPv6 in brackets; "?" if it is none
  std::uint16_t port = 0;

  std::string text() const { return address + ":" + std::to_string(port); }
};

// Of "0100007F:1F90".
Endpoint parse_endpoint(std::string_view hex);

}  // namespace plateau::target
