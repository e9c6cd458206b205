#include "httpd/connection.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/clock.h"

namespace plateau::httpd {
namespace {

int this_thread_id() {
  thread_local const int tid = ::gettid();
  return tid;
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

}  // namespace

Connection::Connection(Service& service, Fd socket, std::uint64_t number, std::string_view peer,
                       TruthBuffer* truth)
    : service_(service), socket_(std::move(socket)), truth_(truth), session_(service, std::string(peer)) {
  service_.watchdog.add(session_.watch(), socket_.get());
  const std::uint64_t limit = service_.options.protocol.max_connections;
  if (limit != 0 && service_.watchdog.size() > limit) session_.turn_away();
  if (truth_ != nullptr) truth_prefix_ = connection_prefix(number, peer);
}

Connection::Outcome Connection::drive(Blocking blocking) {
  bool may_read = true;
  while (true) {
    switch (session_.step()) {
      case Step::read:
        if (!may_read) return Outcome::want_read;
        may_read = blocking == Blocking::yes;
        if (receive() == Io::would_block) return Outcome::want_read;
        break;
      case Step::work:
        work();
        break;
      case Step::write: {
        const Io io = send_pending();
        if (io == Io::would_block) return Outcome::want_write;
        if (io == Io::gone) return Outcome::closed;
        break;
      }
      case Step::proceed:
        session_.proceed();
        break;
      case Step::linger:
        return linger(blocking);
      case Step::close:
        return Outcome::closed;
    }
  }
}

void Connection::work() {
  service_.workload.run(session_.record().stages);
  if (service_.stopping.load(std::memory_order_relaxed)) {
    int waiting = 0;
    session_.more_waiting(::ioctl(socket_.get(), FIONREAD, &waiting) == 0 && waiting > 0);
  }
  session_.worked();
}

Connection::Io Connection::receive() {
  const std::span<char> space = session_.space();
  Receipt receipt;
  ssize_t count = 0;
  do {
    count = truth_ != nullptr ? receive_stamped(space, receipt)
                              : ::recv(socket_.get(), space.data(), space.size(), 0);
  } while (count < 0 && errno == EINTR);
  if (count < 0 && would_block()) return Io::would_block;
  if (count <= 0) {
    session_.ended();
    return Io::gone;
  }
  session_.received(static_cast<std::size_t>(count), receipt);
  return Io::done;
}

ssize_t Connection::receive_stamped(std::span<char> space, Receipt& receipt) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(timespec))> control;
  iovec piece{space.data(), space.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t count = ::recvmsg(socket_.get(), &message, 0);
  if (count <= 0) return count;
  receipt.read_ns = monotonic_ns();
  receipt.tid = this_thread_id();
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_TIMESTAMPNS) {
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(header), sizeof stamp);
    const auto real =
        static_cast<std::uint64_t>(stamp.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(stamp.tv_nsec);
    receipt.rx_ns = service_.truth->to_monotonic(real);
  }
  return count;
}

Connection::Io Connection::send_pending() {
  const std::string_view pending = session_.pending();
  const ssize_t count = ::send(socket_.get(), pending.data(), pending.size(), MSG_NOSIGNAL);
  if (count < 0) {
    if (errno == EINTR) return Io::done;
    if (would_block()) return Io::would_block;
    record_truth();
    return Io::gone;
  }
  session_.sent(static_cast<std::size_t>(count));
  if (session_.step() != Step::proceed) return Io::done;
  if (truth_ != nullptr) session_.record().write_ns = monotonic_ns();
  record_truth();
  return Io::done;
}

void Connection::record_truth() {
  if (truth_ == nullptr) return;
  session_.record().tid_write = this_thread_id();
  truth_->append(truth_prefix_, session_.record());
}

Connection::Outcome Connection::linger(Blocking blocking) {
  if (!lingering_) {
    lingering_ = true;
    ::shutdown(socket_.get(), SHUT_WR);
    if (blocking == Blocking::yes) {
      const timeval slice{0, 100'000};
      ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &slice, sizeof slice);
    }
  }
  std::array<char, 4096> discarded;
  const std::uint64_t deadline = monotonic_ns() + kLingerNs;
  do {
    const ssize_t count = ::recv(socket_.get(), discarded.data(), discarded.size(), 0);
    if (count == 0 || (count < 0 && errno != EINTR && !would_block())) return Outcome::closed;
    if (blocking == Blocking::no) return Outcome::want_read;
  } while (monotonic_ns() < deadline && !service_.stopping.load(std::memory_order_relaxed));
  return Outcome::closed;
}

}  // namespace plateau::httpd
