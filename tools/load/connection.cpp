#include "load/connection.h"

#include <netdb.h>

#include <array>

namespace plateau::load {

std::uint64_t Connection::waiting_since_ns() const {
  if (link_ == Link::connecting || link_ == Link::handshaking) return connect_ns_;
  return in_flight_.empty() ? 0 : in_flight_.front().sent_ns;
}

int Connection::connect(const Address& address, std::uint64_t now) {
  if (const int error = transport_.connect(address); error != 0) return error;
  link_ = Link::connecting;
  connect_ns_ = now;
  next_seq_ = 0;
  write_broken_ = false;
  return 0;
}

int Connection::finish_connect(std::uint64_t now) {
  connected_ns_ = now;
  return transport_.connect_error();
}

bool Connection::begin_tls(const TlsContext& context) {
  link_ = Link::handshaking;
  return transport_.begin_tls(context);
}

void Connection::close(bool orderly) {
  transport_.close(orderly);
  link_ = Link::closed;
  ++generation_;
  in_flight_.clear();
  out_.clear();
  out_at_ = 0;
  watches_write = false;
}

void Connection::add(const Request& request, Slot slot, std::uint64_t now) {
  out_.push_back(request.head);
  if (!request.body.empty()) out_.push_back(request.body);
  in_flight_.push_back({slot, &request, next_seq_++, now, 0});
}

Io Connection::flush() {
  if (write_broken_) return Io::broken;
  const Io io = transport_.write(out_, out_at_);
  if (io == Io::broken) {
    write_broken_ = true;
    out_.clear();
    out_at_ = 0;
  }
  return io;
}

std::string Connection::local_address() const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (getsockname(fd(), reinterpret_cast<sockaddr*>(&address), &length) != 0 ||
      getnameinfo(reinterpret_cast<const sockaddr*>(&address), length, host.data(), host.size(), port.data(),
                  port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "?";
  }
  const bool six = address.ss_family == AF_INET6;
  return (six ? "[" : "") + std::string(host.data()) + (six ? "]:" : ":") + port.data();
}

}  // namespace plateau::load
