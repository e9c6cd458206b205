#include "socket_queue.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>

#include "base/clock.h"

namespace plateau::e2e {
namespace {

constexpr std::uint64_t kLongestNs = 10'000'000'000;

using Name = int (*)(int, sockaddr*, socklen_t*);

unsigned port_by(Name name, int fd) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  if (name(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  return ntohs(address.sin_port);
}

// Bytes in the receive queue of the socket from `local` to `remote`; none if there is no such socket.
std::optional<unsigned> receive_queue(unsigned local, unsigned remote) {
  std::ifstream table("/proc/net/tcp");
  for (std::string line; std::getline(table, line);) {
    unsigned here = 0;
    unsigned there = 0;
    unsigned waiting = 0;
    const int read =
        std::sscanf(line.c_str(), " %*u: %*8x:%4x %*8x:%4x %*2x %*8x:%8x", &here, &there, &waiting);
    if (read == 3 && here == local && there == remote) return waiting;
  }
  return std::nullopt;
}

}  // namespace

bool wait_until_taken_in(int fd) {
  const unsigned peer = port_by(&::getpeername, fd);
  const unsigned own = port_by(&::getsockname, fd);
  const std::uint64_t deadline = monotonic_ns() + kLongestNs;
  while (monotonic_ns() < deadline) {
    const std::optional<unsigned> waiting = receive_queue(peer, own);
    if (!waiting) return false;
    if (*waiting == 0) return true;
    ::poll(nullptr, 0, 2);
  }
  return false;
}

}  // namespace plateau::e2e
