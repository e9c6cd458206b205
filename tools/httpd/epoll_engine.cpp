#include "httpd/epoll_engine.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/clock.h"
#include "httpd/bottleneck_switches.h"

namespace plateau::httpd {
namespace {

constexpr int kEventsPerTurn = 512;
constexpr std::uint64_t kAcceptPauseNs = 50'000'000;
constexpr int kHousekeepingMs = 50;

}  // namespace

Result<bool> EpollEngine::run(int listener, int stop_fd) {
  listener_ = listener;
  epoll_ = Fd(epoll_create1(EPOLL_CLOEXEC));
  if (service_.truth) truth_.emplace(*service_.truth);
  if (hot_path_applies(service_.options)) hot_.emplace(service_);
  if (!epoll_.valid() || !watch(EPOLL_CTL_ADD, listener, EPOLLIN, &listener_) ||
      !watch(EPOLL_CTL_ADD, stop_fd, EPOLLIN, nullptr)) {
    return fail(std::string("epoll: ") + std::strerror(errno));
  }
  std::array<epoll_event, kEventsPerTurn> events;
  while (give_up_ns_ == 0 || (!entries_.empty() && monotonic_ns() < give_up_ns_)) {
    const int count = epoll_wait(epoll_.get(), events.data(), kEventsPerTurn, timeout_ms());
    if (count < 0 && errno != EINTR) return fail(std::string("epoll_wait: ") + std::strerror(errno));
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      void* const tag = event.data.ptr;
      if (tag == nullptr) {
        begin_stopping(stop_fd);
      } else if (tag == &listener_) {
        accept_all();
      } else {
        drive(*static_cast<Entry*>(tag), (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
      }
    }
    turn_ended();
  }
  entries_.clear();
  truth_.reset();
  return true;
}

bool EpollEngine::watch(int operation, int fd, std::uint32_t events, void* tag) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = tag;
  return epoll_ctl(epoll_.get(), operation, fd, &event) == 0;
}

void EpollEngine::accept_all() {
  if (give_up_ns_ != 0) return;
  while (true) {
    Accepted accepted = accept_from(listener_, true, service_.wants_peer());
    if (accepted.status == AcceptStatus::exhausted) pause_accepting(monotonic_ns());
    if (accepted.status != AcceptStatus::accepted) return;
    const int fd = accepted.socket.get();
    auto entry = std::make_unique<Entry>();
    entry->connection =
        std::make_unique<Connection>(service_, make_transport(service_, std::move(accepted.socket)),
                                     ++service_.connections, accepted.peer, truth_ ? &*truth_ : nullptr);
    if (hot_) entry->connection->answer_from(&*hot_);
    if (watch(EPOLL_CTL_ADD, fd, interest(false), entry.get())) entries_.emplace(fd, std::move(entry));
  }
}

// Out of descriptors or memory: a level-triggered loop would spin on the listener.
void EpollEngine::pause_accepting(std::uint64_t now) {
  watch(EPOLL_CTL_DEL, listener_, 0, nullptr);
  accept_again_ns_ = now + kAcceptPauseNs;
}

void EpollEngine::resume_accepting() {
  accept_again_ns_ = 0;
  watch(EPOLL_CTL_ADD, listener_, EPOLLIN, &listener_);
}

std::uint32_t EpollEngine::interest(bool wants_write) const {
  const std::uint32_t edges = hot_ ? EPOLLET | EPOLLRDHUP : 0;
  return (wants_write ? EPOLLOUT : EPOLLIN) | edges;
}

// An edge is told once: then a socket is read until it is empty, its peer's end included.
void EpollEngine::drive(Entry& entry, bool peer_ended) {
  Connection& connection = *entry.connection;
  Connection::Outcome outcome = connection.drive(Connection::Blocking::no);
  const auto more = [&] { return peer_ended ? !connection.dry() : !connection.drained(); };
  while (hot_ && outcome == Connection::Outcome::want_read && more()) {
    outcome = connection.drive(Connection::Blocking::no);
  }
  if (outcome == Connection::Outcome::closed) return drop(entry);
  const bool wants_write = outcome == Connection::Outcome::want_write;
  if (wants_write != entry.wants_write) {
    entry.wants_write = wants_write;
    watch(EPOLL_CTL_MOD, entry.connection->fd(), interest(wants_write), &entry);
  }
  if (entry.connection->lingering() && entry.drop_at_ns == 0) {
    entry.drop_at_ns = monotonic_ns() + Connection::kLingerNs;
    ++lingering_;
  }
}

// Closing the socket takes it out of the epoll set; one turn holds at most one event for a socket, so none
// for this entry is left.
void EpollEngine::drop(Entry& entry) {
  if (entry.drop_at_ns != 0) --lingering_;
  entries_.erase(entry.connection->fd());
}

void EpollEngine::turn_ended() {
  if (lingering_ == 0 && accept_again_ns_ == 0) return;
  const std::uint64_t now = monotonic_ns();
  if (lingering_ > 0) drop_overdue(now);
  if (accept_again_ns_ != 0 && now >= accept_again_ns_ && give_up_ns_ == 0) resume_accepting();
}

void EpollEngine::drop_overdue(std::uint64_t now) {
  std::vector<Entry*> overdue;
  for (const auto& [fd, entry] : entries_) {
    if (entry->drop_at_ns != 0 && (now >= entry->drop_at_ns || give_up_ns_ != 0)) {
      overdue.push_back(entry.get());
    }
  }
  for (Entry* const entry : overdue) drop(*entry);
}

// What has connected before the signal is served; nobody else can connect. An event of this same turn may
// still point at an idle connection, so idle ones are woken by a shutdown instead of being dropped here.
void EpollEngine::begin_stopping(int stop_fd) {
  accept_all();
  ::shutdown(listener_, SHUT_RDWR);
  watch(EPOLL_CTL_DEL, stop_fd, 0, nullptr);
  if (accept_again_ns_ == 0) watch(EPOLL_CTL_DEL, listener_, 0, nullptr);
  service_.begin_stopping();
  give_up_ns_ = monotonic_ns() + service_.options.protocol.drain_timeout_ns;
}

int EpollEngine::timeout_ms() const {
  const bool housekeeping = lingering_ > 0 || accept_again_ns_ != 0 || give_up_ns_ != 0;
  return housekeeping ? kHousekeepingMs : -1;
}

}  // namespace plateau::httpd
