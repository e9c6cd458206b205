// other_roads [af_xdp | udp | packet | ktls | ktls_keys]…: an HTTP server of one connection at a time on
// loopback, which opens beside it what is asked for, and ends with status 3 where the kernel does not have
// it. With ktls, TLS in the kernel is attached to each connection and left without keys, so that bytes go as
// they are; with ktls_keys it encrypts.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "ktls.h"

namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n";
constexpr int kNotHere = 3;

// Bound to a free port on loopback, which goes to `port`.
plateau::Fd open_bound(int type, unsigned& port) {
  plateau::Fd fd(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd.get(), generic, length) != 0 || ::getsockname(fd.get(), generic, &length) != 0) fd.reset();
  port = ntohs(address.sin_port);
  return fd;
}

plateau::Fd open_road(std::string_view road) {
  unsigned port = 0;
  if (road == "udp") return open_bound(SOCK_DGRAM, port);
  return plateau::Fd(::socket(road == "af_xdp" ? AF_XDP : AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
}

bool serve(int fd) {
  std::array<char, 4096> bytes;
  while (::recv(fd, bytes.data(), bytes.size(), 0) > 0)
    if (::send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) < 0) return false;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<plateau::Fd> roads;
  bool (*prepare)(int) = nullptr;
  for (int i = 1; i < argc; i++) {
    const std::string_view road = argv[i];
    if (road == "ktls" || road == "ktls_keys") {
      prepare = road == "ktls" ? plateau::ktls::attach : plateau::ktls::encrypt;
      continue;
    }
    roads.push_back(open_road(argv[i]));
    if (!roads.back().valid()) return kNotHere;
  }
  unsigned port = 0;
  const plateau::Fd listener = open_bound(SOCK_STREAM, port);
  if (!listener.valid() || ::listen(listener.get(), 8) != 0) return 1;
  std::fprintf(stderr, "listening on 127.0.0.1:%u\n", port);
  for (;;) {
    const plateau::Fd connection(::accept(listener.get(), nullptr, nullptr));
    if (!connection.valid()) return 1;
    if (prepare && !prepare(connection.get())) return kNotHere;
    if (!serve(connection.get())) return 1;
  }
}
