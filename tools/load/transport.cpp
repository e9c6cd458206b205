#include "load/transport.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace plateau::load {
namespace {

constexpr std::size_t kMaxPieces = 64;

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK;
}

ssize_t send_one(int fd, std::string_view piece) {
  return ::send(fd, piece.data(), piece.size(), MSG_NOSIGNAL);
}

ssize_t send_many(int fd, const Ring<std::string_view>& pieces, std::size_t offset) {
  std::array<iovec, kMaxPieces> parts;
  const std::size_t count = std::min(kMaxPieces, pieces.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view piece = i == 0 ? pieces[i].substr(offset) : pieces[i];
    parts[i] = {const_cast<char*>(piece.data()), piece.size()};
  }
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  return ::sendmsg(fd, &message, MSG_NOSIGNAL);
}

void remove_written(Ring<std::string_view>& pieces, std::size_t& offset, std::size_t count) {
  offset += count;
  while (!pieces.empty() && offset >= pieces.front().size()) {
    offset -= pieces.front().size();
    pieces.pop_front();
  }
}

}  // namespace

int Transport::connect(const Address& address) {
  socket_ = Fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_.valid()) return errno;
  const int on = 1;
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto* const target = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::connect(socket_.get(), target, address.length) == 0 || errno == EINPROGRESS) return 0;
  const int error = errno;
  socket_.reset();
  return error;
}

int Transport::connect_error() const {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  return error;
}

void Transport::close(bool orderly) {
  tls_.end(orderly);
  socket_.reset();
}

bool Transport::begin_tls(const TlsContext& context) {
  return tls_.begin(context, socket_.get());
}

Io Transport::handshake() {
  return tls_.handshake();
}

Io Transport::write(Ring<std::string_view>& pieces, std::size_t& offset) {
  while (!pieces.empty()) {
    if (tls_.active()) {
      std::size_t written = 0;
      const Io io = tls_.write(pieces, offset, written);
      if (io != Io::done) return io;
      remove_written(pieces, offset, written);
      continue;
    }
    const ssize_t count = pieces.size() == 1 ? send_one(socket_.get(), pieces.front().substr(offset))
                                             : send_many(socket_.get(), pieces, offset);
    if (count >= 0) {
      remove_written(pieces, offset, static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      return would_block(errno) ? Io::wants_write : Io::broken;
    }
  }
  return Io::done;
}

Received Transport::read(std::span<char> into) {
  if (tls_.active()) return tls_.read(into);
  const ssize_t count = ::recv(socket_.get(), into.data(), into.size(), 0);
  if (count > 0) return {Received::Kind::bytes, static_cast<std::size_t>(count)};
  if (count == 0) return {Received::Kind::end, 0};
  return {would_block(errno) || errno == EINTR ? Received::Kind::nothing : Received::Kind::broken, 0};
}

}  // namespace plateau::load
