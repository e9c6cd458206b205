#include <sys/epoll.h>

#include <cerrno>
#include <cstring>

#include "base/clock.h"
#include "load/client.h"

namespace plateau::load {
namespace {

constexpr std::size_t kOpenedAtOnce = 256;

std::string why_no_connect(int error) {
  const std::string why = std::strerror(error);
  if (error == ECONNREFUSED) return why + "; is the server running?";
  if (error == EMFILE) return why + "; raise the limit (ulimit -n) or take fewer --connections";
  return why;
}

}  // namespace

// When the thread's `number`-th connection is to be opened: all threads' ones are spread evenly over the
// ramp.
std::uint64_t Client::ramp_due_ns(std::size_t number) const {
  const double place = static_cast<double>(number * share_.of + share_.index) / options_.connections;
  return common_.start_ns + static_cast<std::uint64_t>(place * static_cast<double>(options_.ramp_ns));
}

// A few at a time: those that stand already must not wait for the last one to be begun, or time out over it.
void Client::open_due(std::uint64_t now) {
  for (std::size_t i = 0; i < kOpenedAtOnce; ++i) {
    if (ramped_ == connections_.size() || ramp_due_ns(ramped_) > now) return;
    connect(connections_[ramped_++], now);
  }
}

// Connects if there will be a request that no other connection is free for.
void Client::connect(Connection& connection, std::uint64_t now) {
  if (schedule_.left(now) <= spare_) return;
  ++opening_;
  if (const int error = connection.connect(common_.address, now); error != 0) {
    return connect_failed(connection, now, ErrorKind::connect, why_no_connect(error));
  }
  set_spare(connection, true);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT;
  const auto number = static_cast<std::uint64_t>(&connection - connections_.data());
  event.data.u64 = number << 32 | connection.generation();
  epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.fd(), &event);
  connection.watches_write = true;
}

// A failed connect costs the request that it was made for.
void Client::connect_failed(Connection& connection, std::uint64_t now, ErrorKind kind,
                            const std::string& why) {
  --opening_;
  connection.close(false);
  set_spare(connection, false);
  if (!ever_connected_) {
    fatal_ = kind == ErrorKind::tls ? fail("no TLS handshake with " + options_.url.authority + ": " + why)
                                    : fail("cannot connect to " + options_.url.authority + ": " + why);
    return;
  }
  if (const std::optional<Slot> slot = schedule_.take(now)) {
    ++counts_of(*slot).sent;
    counts_of(*slot).count(kind);
  }
  to_connect_.push_back(&connection);
}

void Client::connected(Connection& connection) {
  const std::uint64_t now = monotonic_ns();
  if (const int error = connection.finish_connect(now); error != 0) {
    return connect_failed(connection, now, ErrorKind::connect, why_no_connect(error));
  }
  ++tally_.connects;
  if (common_.tls == nullptr) return opened(connection, now);
  if (!connection.begin_tls(*common_.tls)) {
    return connect_failed(connection, now, ErrorKind::tls, "OpenSSL refused to begin");
  }
  shake_hands(connection);
}

void Client::shake_hands(Connection& connection) {
  const Io io = connection.handshake();
  if (io == Io::wants_read || io == Io::wants_write) return watch(connection, io == Io::wants_write);
  const std::uint64_t now = monotonic_ns();
  if (io == Io::broken) {
    return connect_failed(connection, now, ErrorKind::tls, connection.tls().failure());
  }
  tally_.handshake_ns.record(now - connection.connected_ns());
  ++(connection.tls().resumed() ? tally_.handshakes_resumed : tally_.handshakes_full);
  opened(connection, now);
}

void Client::opened(Connection& connection, std::uint64_t now) {
  --opening_;
  connection.open();
  ever_connected_ = true;
  last_open_ns_ = now;
  if (log_) connection.peer = connection.local_address();
  connection.reader().begin(head_only_);
  watch(connection, false);
  offer(connection);
  dispatch();
}

// A server that nobody has reached for a whole timeout is gone: the run ends.
void Client::retry_connects(std::uint64_t now) {
  if (spare_ == 0 && in_flight_ == 0 && now >= last_open_ns_ + options_.timeout_ns &&
      ramped_ == connections_.size()) {
    schedule_.stop();
  }
  for (std::size_t waiting = to_connect_.size(); waiting > 0; --waiting) {
    Connection* const connection = to_connect_.front();
    to_connect_.pop_front();
    connect(*connection, now);
  }
}

void Client::expire(Connection& connection, std::uint64_t now) {
  if (connection.link() == Link::open) return broken(connection, ErrorKind::timeout);
  const bool shaking = connection.link() == Link::handshaking;
  connect_failed(connection, now, shaking ? ErrorKind::tls : ErrorKind::connect, why_no_connect(ETIMEDOUT));
}

// Every request under way on the connection is lost.
void Client::broken(Connection& connection, ErrorKind kind) {
  const Ring<InFlight>& lost = connection.in_flight();
  for (std::size_t i = 0; i < lost.size(); ++i) {
    const bool within = i == 0 && connection.reader().started();
    counts_of(lost[i].slot).count(kind == ErrorKind::closed && within ? ErrorKind::cut_short : kind);
    if (log_) log_->append(connection.peer, lost[i], 0, 0, 0);
  }
  in_flight_ -= lost.size();
  drop(connection, false);
}

void Client::peer_closed(Connection& connection) {
  if (!connection.in_flight().empty() && connection.reader().ended()) {
    complete(connection, monotonic_ns());
  } else if (!connection.in_flight().empty()) {
    broken(connection, connection.write_broken() ? ErrorKind::reset : ErrorKind::closed);
  } else if (!connection.fresh()) {
    drop(connection, true);
  } else {
    // Closed without having been used: again, but not at once, or a server that does so would keep us busy.
    connection.close(true);
    set_spare(connection, false);
    to_connect_.push_back(&connection);
  }
}

void Client::drop(Connection& connection, bool orderly) {
  connection.close(orderly);
  set_spare(connection, false);
  connect(connection, monotonic_ns());
}

void Client::watch(Connection& connection, bool write) {
  if (connection.watches_write == write) return;
  connection.watches_write = write;
  epoll_event event{};
  event.events = write ? EPOLLIN | EPOLLOUT : EPOLLIN;
  const auto number = static_cast<std::uint64_t>(&connection - connections_.data());
  event.data.u64 = number << 32 | connection.generation();
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.fd(), &event);
}

}  // namespace plateau::load
