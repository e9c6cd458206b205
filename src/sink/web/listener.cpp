#include "sink/web/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace plateau::sink::web {
namespace {

constexpr int kBacklog = 512;

std::string reason(int error) {
  if (error == EADDRINUSE) return "address in use";
  if (error == EACCES) return "permission denied";
  if (error == EADDRNOTAVAIL) return "no such address on this machine";
  return std::strerror(error);
}

}  // namespace

Result<Listener> listen_on(const ListenAddress& address) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(address.port);
  inet_pton(AF_INET, address.host.c_str(), &at.sin_addr);
  auto* name = static_cast<sockaddr*>(static_cast<void*>(&at));
  socklen_t size = sizeof(at);
  const int on = 1;
  Listener listener{Fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), 0};
  const int fd = listener.socket.get();
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 || bind(fd, name, size) != 0 ||
      listen(fd, kBacklog) != 0 || getsockname(fd, name, &size) != 0)
    return fail("cannot listen on " + address.text() + ": " + reason(errno) +
                "; choose another with --listen");
  listener.port = ntohs(at.sin_port);
  return listener;
}

}  // namespace plateau::sink::web
