#include "httpd/uring_engine.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "httpd/bottleneck_switches.h"
#include "httpd/listener.h"

namespace plateau::httpd {
namespace {

constexpr std::uint64_t kAcceptPauseNs = 50'000'000;
constexpr int kHousekeepingMs = 50;

// Tags of completions that belong to no connection. A connection's tag is its entry's address.
constexpr std::uint64_t kNobody = 0;
constexpr std::uint64_t kAccept = 2;
constexpr std::uint64_t kStop = 4;

}  // namespace

Result<bool> UringEngine::run(int listener, int stop_fd) {
  listener_ = listener;
  if (service_.truth) truth_.emplace(*service_.truth);
  if (hot_path_applies(service_.options)) hot_.emplace(service_);
  io_uring_sqe* const sqe = ring_.next();
  io_uring_prep_poll_add(sqe, stop_fd, POLLIN);
  io_uring_sqe_set_data64(sqe, kStop);
  accept_connections();
  while (give_up_ns_ == 0 || (!entries_.empty() && monotonic_ns() < give_up_ns_)) {
    ring_.submit_and_wait(timeout_ms());
    ring_.drain([this](const io_uring_cqe& completion) { on_completion(completion); });
    turn_ended();
  }
  const bool drained = entries_.empty();
  if (drained) truth_.reset();
  return drained;
}

void UringEngine::on_completion(const io_uring_cqe& completion) {
  switch (completion.user_data) {
    case kNobody:
      break;
    case kStop:
      begin_stopping();
      break;
    case kAccept:
      on_accepted(completion);
      break;
    default:
      on_connection(*reinterpret_cast<Entry*>(completion.user_data & ~UringTransport::kSendTag), completion);
  }
}

void UringEngine::accept_connections() {
  accept_again_ns_ = 0;
  io_uring_sqe* const sqe = ring_.next();
  io_uring_prep_multishot_accept(sqe, listener_, nullptr, nullptr, SOCK_CLOEXEC);
  io_uring_sqe_set_data64(sqe, kAccept);
}

void UringEngine::on_accepted(const io_uring_cqe& completion) {
  if (completion.res >= 0) add(Fd(completion.res));
  if ((completion.flags & IORING_CQE_F_MORE) != 0 || give_up_ns_ != 0) return;
  if (completion.res >= 0) return accept_connections();
  accept_again_ns_ = monotonic_ns() + kAcceptPauseNs;
}

void UringEngine::add(Fd socket) {
  const std::string peer = service_.wants_peer() ? peer_of(socket.get()) : std::string();
  auto entry = std::make_unique<Entry>();
  Entry& made = *entry;
  auto transport =
      std::make_unique<UringTransport>(std::move(socket), ring_, reinterpret_cast<std::uint64_t>(&made));
  made.transport = transport.get();
  made.connection = std::make_unique<Connection>(service_, std::move(transport), ++service_.connections, peer,
                                                 truth_ ? &*truth_ : nullptr);
  if (hot_) made.connection->answer_from(&*hot_);
  entries_.emplace(&made, std::move(entry));
}

void UringEngine::on_connection(Entry& entry, const io_uring_cqe& completion) {
  if ((completion.user_data & UringTransport::kSendTag) != 0) {
    entry.transport->on_sent(completion);
  } else {
    entry.transport->on_received(completion);
  }
  if (!entry.ending) return drive(entry);
  if (!entry.transport->in_flight()) entries_.erase(&entry);
}

void UringEngine::drive(Entry& entry) {
  Connection::Outcome outcome;
  do {
    outcome = entry.connection->drive(Connection::Blocking::no);
  } while (outcome == Connection::Outcome::want_read && entry.transport->readable());
  if (outcome == Connection::Outcome::closed) return end(entry);
  if (entry.connection->lingering() && entry.drop_at_ns == 0) {
    entry.drop_at_ns = monotonic_ns() + Connection::kLingerNs;
    ++lingering_;
  }
}

// The ring may still write to the entry: it goes with the last completion.
void UringEngine::end(Entry& entry) {
  if (entry.drop_at_ns != 0) --lingering_;
  entry.drop_at_ns = 0;
  entry.ending = true;
  if (!entry.transport->in_flight()) {
    entries_.erase(&entry);
    return;
  }
  ::shutdown(entry.connection->fd(), SHUT_RDWR);
}

void UringEngine::turn_ended() {
  if (lingering_ == 0 && accept_again_ns_ == 0) return;
  const std::uint64_t now = monotonic_ns();
  if (accept_again_ns_ != 0 && now >= accept_again_ns_ && give_up_ns_ == 0) accept_connections();
  std::vector<Entry*> overdue;
  for (const auto& [key, entry] : entries_) {
    if (entry->drop_at_ns != 0 && (now >= entry->drop_at_ns || give_up_ns_ != 0)) overdue.push_back(key);
  }
  for (Entry* const entry : overdue) end(*entry);
}

void UringEngine::begin_stopping() {
  io_uring_sqe* const sqe = ring_.next();
  io_uring_prep_cancel64(sqe, kAccept, 0);
  io_uring_sqe_set_data64(sqe, kNobody);
  while (true) {
    Accepted accepted = accept_from(listener_, false, false);
    if (accepted.status != AcceptStatus::accepted) break;
    add(std::move(accepted.socket));
  }
  ::shutdown(listener_, SHUT_RDWR);
  service_.begin_stopping();
  give_up_ns_ = monotonic_ns() + service_.options.protocol.drain_timeout_ns;
}

int UringEngine::timeout_ms() const {
  const bool housekeeping = lingering_ > 0 || accept_again_ns_ != 0 || give_up_ns_ != 0;
  return housekeeping ? kHousekeepingMs : -1;
}

}  // namespace plateau::httpd
