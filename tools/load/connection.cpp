#include "load/connection.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <array>
#include <cerrno>

namespace plateau::load {
namespace {

std::string local_address(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0 ||
      getnameinfo(reinterpret_cast<const sockaddr*>(&address), length, host.data(), host.size(), port.data(),
                  port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "?";
  }
  const bool six = address.ss_family == AF_INET6;
  return (six ? "[" : "") + std::string(host.data()) + (six ? "]:" : ":") + port.data();
}

}  // namespace

std::uint64_t Connection::waiting_since_ns() const {
  if (link_ == Link::connecting) return connect_ns_;
  return in_flight_.empty() ? 0 : in_flight_.front().sent_ns;
}

int Connection::connect(const Address& address, std::uint64_t now) {
  socket_ = Fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_.valid()) return errno;
  const int on = 1;
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto* const target = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::connect(socket_.get(), target, address.length) != 0 && errno != EINPROGRESS) {
    const int error = errno;
    socket_.reset();
    return error;
  }
  link_ = Link::connecting;
  connect_ns_ = now;
  next_seq_ = 0;
  return 0;
}

int Connection::finish_connect(bool want_peer) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  if (error != 0) return error;
  link_ = Link::open;
  if (want_peer) peer_ = local_address(socket_.get());
  return 0;
}

void Connection::close() {
  socket_.reset();
  link_ = Link::closed;
  in_flight_.clear();
  out_.clear();
  out_at_ = 0;
  watches_write = false;
}

void Connection::add(std::string_view request, Slot slot, std::uint64_t now) {
  out_.append(request);
  in_flight_.push_back({slot, next_seq_++, now, 0, request.size()});
}

Io Connection::flush() {
  while (has_unsent()) {
    const std::string_view rest = std::string_view(out_).substr(out_at_);
    const ssize_t count = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      out_at_ += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      return errno == EAGAIN || errno == EWOULDBLOCK ? Io::would_block : Io::broken;
    }
  }
  out_.clear();
  out_at_ = 0;
  return Io::done;
}

}  // namespace plateau::load
