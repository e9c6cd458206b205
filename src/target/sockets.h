// The TCP and Unix sockets that a process has open, from /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/result.h"

namespace plateau::target {

struct Socket {
  std::string address;  // numeric, IPv6 in brackets
  std::uint16_t port = 0;
  bool listening = false;
};

struct Sockets {
  std::vector<Socket> listening;            // one for each address and port
  std::vector<std::string> unix_listening;  // paths of Unix sockets, sorted
  std::size_t connections = 0;              // established

  // "127.0.0.1:8080", "unix:/run/server.sock".
  std::vector<std::string> places() const;
};

// Sockets of `pid` in its own network namespace. Empty where /proc does not let us look.
Sockets sockets_of(pid_t pid);

// Whether /proc lets us see what they point to.
bool descriptors_readable(pid_t pid);

// The inodes of all its sockets, which identify them; empty where /proc does not let us look.
std::unordered_set<std::uint64_t> socket_inodes(pid_t pid);

// The outermost processes that listen on TCP `port`. ExitCode::no_target if there is none.
Result<std::vector<pid_t>> find_by_port(std::uint16_t port);

}  // namespace plateau::target
