#include "httpd/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace plateau::httpd {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

std::string address_text(const sockaddr_storage& address, socklen_t length) {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&address), length, host.data(), host.size(), port.data(),
                  port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "?";
  }
  const bool six = address.ss_family == AF_INET6;
  return (six ? "[" : "") + std::string(host.data()) + (six ? "]:" : ":") + port.data();
}

Result<AddressList> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (error != 0) return fail("--host " + host + ": " + gai_strerror(error), ExitCode::usage);
  return AddressList(list, &freeaddrinfo);
}

bool set_option(int fd, int level, int option) {
  const int on = 1;
  return setsockopt(fd, level, option, &on, sizeof on) == 0;
}

bool open_listener(int fd, const addrinfo& address, const Options& options) {
  if (!set_option(fd, SOL_SOCKET, SO_REUSEADDR) || !set_option(fd, IPPROTO_TCP, TCP_NODELAY)) return false;
  if (options.bottleneck.truth_stamps && !set_option(fd, SOL_SOCKET, SO_TIMESTAMPNS)) return false;
  if (options.engine == EngineKind::reuseport && !set_option(fd, SOL_SOCKET, SO_REUSEPORT)) return false;
  const std::string& congestion = options.bottleneck.congestion;
  if (!congestion.empty() && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, congestion.data(),
                                        static_cast<socklen_t>(congestion.size())) != 0) {
    return false;
  }
  return bind(fd, address.ai_addr, address.ai_addrlen) == 0 && listen(fd, options.backlog) == 0;
}

}  // namespace

Result<Listener> listen_on(const Options& options) {
  Result<AddressList> list = resolve(options.host, options.port);
  if (!list) return list.error();
  const addrinfo& address = **list;
  Fd socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid() || !open_listener(socket.get(), address, options)) {
    if (errno == ENOENT) {
      return fail("--congestion " + options.bottleneck.congestion +
                      ": this kernel has no such algorithm loaded; " +
                      "net.ipv4.tcp_available_congestion_control lists them",
                  ExitCode::usage);
    }
    return fail("cannot listen on " + options.host + ":" + std::to_string(options.port) + ": " +
                std::strerror(errno) + "; choose another --port, or 0");
  }
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  if (getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound), &length) != 0) {
    return fail(std::string("cannot tell the listening port: ") + std::strerror(errno));
  }
  return Listener{std::move(socket), address_text(bound, length)};
}

Result<Fd> listen_beside(int listener, const Options& options) {
  sockaddr_storage bound{};
  addrinfo address{};
  address.ai_addr = reinterpret_cast<sockaddr*>(&bound);
  address.ai_addrlen = sizeof bound;
  if (getsockname(listener, address.ai_addr, &address.ai_addrlen) == 0) {
    Fd socket(::socket(bound.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket.valid() && open_listener(socket.get(), address, options)) return socket;
  }
  return fail(std::string("cannot listen with one more loop: ") + std::strerror(errno));
}

Accepted accept_from(int listener, bool non_blocking, bool want_peer) {
  sockaddr_storage peer{};
  socklen_t length = sizeof peer;
  const int flags = SOCK_CLOEXEC | (non_blocking ? SOCK_NONBLOCK : 0);
  Fd socket(accept4(listener, reinterpret_cast<sockaddr*>(&peer), &length, flags));
  if (socket.valid()) {
    return {AcceptStatus::accepted, std::move(socket), want_peer ? address_text(peer, length) : ""};
  }
  const bool exhausted = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
  return {exhausted ? AcceptStatus::exhausted : AcceptStatus::none, {}, {}};
}

std::string peer_of(int socket) {
  sockaddr_storage peer{};
  socklen_t length = sizeof peer;
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &length) != 0) return "?";
  return address_text(peer, length);
}

void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace plateau::httpd
