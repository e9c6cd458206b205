// Accepts one connection on loopback, stops listening, and answers each receive on it with a small HTTP
// response until the client leaves: a server without a listening socket, as a super-server starts it.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <string_view>

#include "base/fd.h"

namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n";

plateau::Fd listen_on_loopback(sockaddr_in& address) {
  plateau::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool listening = ::bind(fd.get(), generic, length) == 0 && ::listen(fd.get(), 1) == 0 &&
                         ::getsockname(fd.get(), generic, &length) == 0;
  if (!listening) fd.reset();
  return fd;
}

}  // namespace

int main() {
  sockaddr_in address{};
  plateau::Fd listener = listen_on_loopback(address);
  if (!listener.valid()) return 1;
  std::fprintf(stderr, "listening on 127.0.0.1:%u\n", static_cast<unsigned>(ntohs(address.sin_port)));
  const plateau::Fd connection(::accept(listener.get(), nullptr, nullptr));
  listener.reset();
  std::fputs("accepted\n", stderr);
  std::array<char, 4096> bytes;
  while (::recv(connection.get(), bytes.data(), bytes.size(), 0) > 0) {
    if (::send(connection.get(), kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) < 0) return 1;
  }
  return 0;
}
