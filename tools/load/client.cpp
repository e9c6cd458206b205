#include "load/client.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/clock.h"

namespace plateau::load {
namespace {

constexpr int kEventsPerTurn = 512;
constexpr std::size_t kReadSize = 256 * 1024;
constexpr std::uint64_t kHousekeepingNs = 20'000'000;
constexpr std::uint64_t kProgressNs = 1'000'000'000;
constexpr std::uint64_t kInterruptGraceNs = 1'000'000'000;

Error system_error(const char* what) {
  return fail(std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

Client::Client(const Options& options, std::optional<RequestLog> log, Progress on_progress)
    : options_(options),
      log_(std::move(log)),
      on_progress_(std::move(on_progress)),
      requests_(options),
      head_only_(options.method == "HEAD"),
      connections_(options.connections),
      buffer_(kReadSize) {}

Result<Tally> Client::run(const Address& address, int stop_fd) {
  address_ = address;
  if (Status status = open_set(stop_fd); !status) return status.error();
  const std::uint64_t now = monotonic_ns();
  tally_.start_ns = now;
  last_open_ns_ = now;
  housekeeping_ns_ = now + kHousekeepingNs;
  progress_ns_ = now + kProgressNs;
  schedule_.emplace(options_.rate, options_.requests, options_.duration_ns, now);
  for (Connection& connection : connections_) {
    connection.reader().begin(head_only_);
    connect(connection, now);
  }
  while (!fatal_ && running(monotonic_ns())) {
    if (Status status = turn(); !status) return status.error();
  }
  if (fatal_) return *fatal_;
  wrap_up();
  if (log_ && !log_->flush()) return fail("the log could not be written completely: is the disk full?");
  return std::move(tally_);
}

bool Client::running(std::uint64_t now) const {
  if (give_up_ns_ != 0 && now >= give_up_ns_) return false;
  return in_flight_ > 0 || !schedule_->exhausted(now);
}

Status Client::open_set(int stop_fd) {
  epoll_ = Fd(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll_.valid()) return system_error("epoll_create1");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, stop_fd, &event) != 0) return system_error("epoll_ctl");
  return success();
}

Status Client::turn() {
  std::array<epoll_event, kEventsPerTurn> events;
  const std::uint64_t wait = wait_ns(monotonic_ns());
  const timespec timeout{static_cast<time_t>(wait / 1'000'000'000), static_cast<long>(wait % 1'000'000'000)};
  const int count = epoll_pwait2(epoll_.get(), events.data(), kEventsPerTurn, &timeout, nullptr);
  if (count < 0 && errno != EINTR) return system_error("epoll_pwait2");
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.ptr == nullptr) {
      stop(monotonic_ns());
    } else {
      handle(*static_cast<Connection*>(event.data.ptr), event.events);
    }
  }
  dispatch();
  const std::uint64_t now = monotonic_ns();
  if (now >= housekeeping_ns_) housekeep(now);
  return success();
}

std::uint64_t Client::wait_ns(std::uint64_t now) const {
  std::uint64_t until = housekeeping_ns_;
  if (!with_room_.empty() && !schedule_->exhausted(now)) until = std::min(until, schedule_->next_due_ns());
  return until > now ? until - now : 0;
}

// Gives what is due to connections with room, the one that has waited longest first.
void Client::dispatch() {
  while (!with_room_.empty()) {
    Connection& connection = *with_room_.front();
    if (connection.link() == Link::open && !issue(connection, monotonic_ns())) return;
    with_room_.pop_front();
    connection.listed = false;
    if (connection.link() != Link::open) continue;
    if (connection.in_flight().size() < options_.pipeline) offer(connection);
    flush(connection);
  }
}

// Queues all that is due and fits; false if that is nothing.
bool Client::issue(Connection& connection, std::uint64_t now) {
  const std::uint64_t before = in_flight_;
  while (connection.in_flight().size() < options_.pipeline) {
    const std::optional<Slot> slot = schedule_->take(now);
    if (!slot) break;
    connection.add(requests_.of(slot->index), *slot, now);
    ++tally_.sent;
    ++in_flight_;
  }
  if (connection.in_flight().size() >= options_.pipeline) set_spare(connection, false);
  return in_flight_ > before;
}

void Client::handle(Connection& connection, std::uint32_t events) {
  switch (connection.link()) {
    case Link::closed:
      return;
    case Link::connecting:
      return connected(connection);
    case Link::open:
      if ((events & EPOLLOUT) != 0) flush(connection);
      if (connection.link() == Link::open && (events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) {
        read(connection);
      }
      return;
  }
}

void Client::connected(Connection& connection) {
  const std::uint64_t now = monotonic_ns();
  if (const int error = connection.finish_connect(log_.has_value()); error != 0) {
    return connect_failed(connection, now, error);
  }
  ever_connected_ = true;
  last_open_ns_ = now;
  ++tally_.connects;
  connection.reader().begin(head_only_);
  watch(connection, false);
  offer(connection);
  dispatch();
}

void Client::read(Connection& connection) {
  const ssize_t count = ::recv(connection.fd(), buffer_.data(), buffer_.size(), 0);
  if (count < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return;
    return broken(connection, ErrorKind::reset);
  }
  if (count == 0) return peer_closed(connection);
  const std::uint64_t now = monotonic_ns();
  if (!take_responses(connection, {buffer_.data(), static_cast<std::size_t>(count)}, now)) return;
  dispatch();
}

// False if the connection ended over it.
bool Client::take_responses(Connection& connection, std::string_view bytes, std::uint64_t now) {
  while (!bytes.empty()) {
    if (connection.in_flight().empty()) {
      tally_.count(ErrorKind::malformed);
      drop(connection);
      return false;
    }
    ResponseReader& reader = connection.reader();
    if (!reader.started()) connection.in_flight().front().first_byte_ns = now;
    bytes.remove_prefix(reader.feed(bytes));
    if (reader.malformed()) {
      broken(connection, ErrorKind::malformed);
      return false;
    }
    if (!reader.done()) continue;
    if (complete(connection, now)) continue;
    if (!bytes.empty()) tally_.count(ErrorKind::malformed);
    return false;
  }
  return true;
}

// Counts the answer to the oldest request. False if the connection ends with it.
bool Client::complete(Connection& connection, std::uint64_t now) {
  ResponseReader& reader = connection.reader();
  const InFlight& request = connection.in_flight().front();
  tally_.latency_ns.record(now - request.slot.scheduled_ns);
  ++tally_.answered;
  ++tally_.status_class[static_cast<std::size_t>(reader.status() / 100)];
  tally_.bytes_in += reader.bytes();
  tally_.bytes_out += request.bytes;
  tally_.end_ns = now;
  last_open_ns_ = now;
  if (log_) log_->append(connection.peer(), request, now, reader.status(), reader.bytes());
  connection.in_flight().pop_front();
  --in_flight_;
  if (options_.keep_alive && !reader.closes()) {
    reader.begin(head_only_);
    offer(connection);
    return true;
  }
  for (const InFlight& unanswered : connection.in_flight()) {
    schedule_->give_back(unanswered.slot);
    ++tally_.resent;
  }
  tally_.sent -= connection.in_flight().size();
  in_flight_ -= connection.in_flight().size();
  connection.in_flight().clear();
  drop(connection);
  return false;
}

// Every request under way on the connection is lost.
void Client::broken(Connection& connection, ErrorKind kind) {
  for (const InFlight& request : connection.in_flight()) {
    tally_.count(kind);
    if (log_) log_->append(connection.peer(), request, 0, 0, 0);
  }
  in_flight_ -= connection.in_flight().size();
  drop(connection);
}

void Client::peer_closed(Connection& connection) {
  if (!connection.in_flight().empty() && connection.reader().ended()) {
    complete(connection, monotonic_ns());
  } else {
    broken(connection, ErrorKind::closed);
  }
}

void Client::drop(Connection& connection) {
  connection.close();
  set_spare(connection, false);
  connect(connection, monotonic_ns());
}

// Connects if there will be a request that no other connection is free for.
void Client::connect(Connection& connection, std::uint64_t now) {
  if (schedule_->left(now) <= spare_) return;
  if (const int error = connection.connect(address_, now); error != 0) {
    return connect_failed(connection, now, error);
  }
  set_spare(connection, true);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT;
  event.data.ptr = &connection;
  epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.fd(), &event);
  connection.watches_write = true;
}

// A failed connect costs the request that it was made for.
void Client::connect_failed(Connection& connection, std::uint64_t now, int error) {
  connection.close();
  set_spare(connection, false);
  if (!ever_connected_) {
    fatal_ = fail("cannot connect to " + options_.url.authority + ": " + std::strerror(error) +
                  "; is the server running?");
    return;
  }
  if (schedule_->take(now)) {
    ++tally_.sent;
    tally_.count(ErrorKind::connect);
  }
  to_connect_.push_back(&connection);
}

void Client::offer(Connection& connection) {
  set_spare(connection, true);
  if (connection.listed) return;
  connection.listed = true;
  with_room_.push_back(&connection);
}

void Client::set_spare(Connection& connection, bool spare) {
  if (connection.spare == spare) return;
  connection.spare = spare;
  if (spare) {
    ++spare_;
  } else {
    --spare_;
  }
}

void Client::flush(Connection& connection) {
  const Io io = connection.flush();
  if (io == Io::broken) return broken(connection, ErrorKind::reset);
  watch(connection, io == Io::would_block);
}

void Client::watch(Connection& connection, bool write) {
  if (connection.watches_write == write) return;
  connection.watches_write = write;
  epoll_event event{};
  event.events = write ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.ptr = &connection;
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.fd(), &event);
}

void Client::housekeep(std::uint64_t now) {
  housekeeping_ns_ = now + kHousekeepingNs;
  for (Connection& connection : connections_) {
    const std::uint64_t since = connection.waiting_since_ns();
    if (since == 0 || now < since + options_.timeout_ns) continue;
    if (connection.link() == Link::connecting) {
      connect_failed(connection, now, ETIMEDOUT);
    } else {
      broken(connection, ErrorKind::timeout);
    }
  }
  retry_connects(now);
  if (now >= progress_ns_) {
    progress_ns_ = now + kProgressNs;
    on_progress_(tally_, now);
  }
}

// A server that nobody has reached for a whole timeout is gone: the run ends.
void Client::retry_connects(std::uint64_t now) {
  if (spare_ == 0 && in_flight_ == 0 && now >= last_open_ns_ + options_.timeout_ns) schedule_->stop();
  std::deque<Connection*> waiting;
  waiting.swap(to_connect_);
  for (Connection* const connection : waiting) connect(*connection, now);
}

void Client::stop(std::uint64_t now) {
  tally_.interrupted = true;
  schedule_->stop();
  give_up_ns_ = now + std::min(kInterruptGraceNs, options_.timeout_ns);
}

void Client::wrap_up() {
  tally_.unsent = schedule_->missed();
  tally_.unfinished = in_flight_;
  if (tally_.answered == 0) tally_.end_ns = monotonic_ns();
}

}  // namespace plateau::load
