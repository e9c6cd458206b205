#include "httpd/pool_engine.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/clock.h"
#include "httpd/listener.h"
#include "httpd/stamp_clock.h"
#include "httpd/thread_name.h"

namespace plateau::httpd {
namespace {

constexpr int kEventsPerTurn = 512;
constexpr std::uint64_t kAcceptPauseNs = 50'000'000;
constexpr int kHousekeepingMs = 50;

}  // namespace

Result<bool> PoolEngine::run(int listener, int stop_fd) {
  listener_ = listener;
  epoll_ = Fd(epoll_create1(EPOLL_CLOEXEC));
  if (service_.truth) truth_.emplace(*service_.truth);
  if (!epoll_.valid() || !watch(EPOLL_CTL_ADD, listener, EPOLLIN, &listener_) ||
      !watch(EPOLL_CTL_ADD, stop_fd, EPOLLIN, nullptr)) {
    return fail(std::string("epoll: ") + std::strerror(errno));
  }
  for (std::size_t i = 0; i < service_.options.bottleneck.workers; ++i) {
    workers_.emplace_back([this, i] { work(i); });
  }
  std::array<epoll_event, kEventsPerTurn> events;
  do {
    const int count = epoll_wait(epoll_.get(), events.data(), kEventsPerTurn, kHousekeepingMs);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.ptr == nullptr) {
        begin_stopping(stop_fd);
      } else if (event.data.ptr == &listener_) {
        accept_all();
      } else {
        on_event(*static_cast<Entry*>(event.data.ptr), (event.events & EPOLLOUT) != 0);
      }
    }
  } while (turn_ended());
  {
    const std::lock_guard lock(mutex_);
    quit_ = entries_.empty();
  }
  if (!quit_) {
    for (std::thread& worker : workers_) worker.detach();
    return false;
  }
  queued_.notify_all();
  for (std::thread& worker : workers_) worker.join();
  truth_.reset();
  return true;
}

bool PoolEngine::watch(int operation, int fd, std::uint32_t events, void* tag) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = tag;
  return epoll_ctl(epoll_.get(), operation, fd, &event) == 0;
}

void PoolEngine::accept_all() {
  while (give_up_ns_ == 0) {
    Accepted accepted = accept_from(listener_, true, service_.wants_peer());
    if (accepted.status == AcceptStatus::exhausted) {
      watch(EPOLL_CTL_DEL, listener_, 0, nullptr);
      accept_again_ns_ = monotonic_ns() + kAcceptPauseNs;
    }
    if (accepted.status != AcceptStatus::accepted) return;
    auto entry = std::make_unique<Entry>();
    Entry& made = *entry;
    made.connection =
        std::make_unique<Connection>(service_, make_transport(service_, std::move(accepted.socket)),
                                     ++service_.connections, accepted.peer, truth_ ? &*truth_ : nullptr);
    const std::lock_guard lock(mutex_);
    entries_.emplace(&made, std::move(entry));
    if (!watch(EPOLL_CTL_ADD, made.connection->fd(), EPOLLIN | EPOLLONESHOT, &made)) entries_.erase(&made);
  }
}

void PoolEngine::on_event(Entry& entry, bool writable) {
  {
    const std::lock_guard lock(mutex_);
    entry.parked = false;
  }
  if (writable) return hand_over(entry);
  const Connection::Outcome outcome =
      entry.connection->drive(Connection::Blocking::no, Connection::Extent::read);
  if (outcome == Connection::Outcome::request_ready) return hand_over(entry);
  settle(entry, outcome);
}

void PoolEngine::hand_over(Entry& entry) {
  if (truth_) entry.queued_ns = stamp_clock().now();
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(&entry);
  }
  queued_.notify_one();
}

PoolEngine::Entry* PoolEngine::next_in_queue() {
  std::unique_lock lock(mutex_);
  queued_.wait(lock, [this] { return !queue_.empty() || quit_; });
  if (queue_.empty()) return nullptr;
  Entry* const entry = queue_.front();
  queue_.pop_front();
  return entry;
}

void PoolEngine::work(std::size_t number) {
  name_thread("worker", number);
  std::optional<TruthBuffer> truth;
  if (service_.truth) truth.emplace(*service_.truth);
  while (Entry* const entry = next_in_queue()) {
    Connection& connection = *entry->connection;
    if (truth) {
      connection.use(&*truth);
      Span& handoff = at(connection.record().stages, Stage::handoff);
      if (handoff.begin == 0) handoff = {entry->queued_ns, stamp_clock().now()};
    }
    settle(*entry, connection.drive(Connection::Blocking::no, Connection::Extent::answer));
  }
}

// Gives the connection back to the reader, or ends it.
void PoolEngine::settle(Entry& entry, Connection::Outcome outcome) {
  const std::lock_guard lock(mutex_);
  if (outcome == Connection::Outcome::closed) {
    if (entry.drop_at_ns != 0) --lingering_;
    entries_.erase(&entry);
    return;
  }
  Connection& connection = *entry.connection;
  entry.parked = true;
  if (connection.lingering() && entry.drop_at_ns == 0) {
    entry.drop_at_ns = monotonic_ns() + Connection::kLingerNs;
    ++lingering_;
  }
  if (service_.stopping && connection.idle()) ::shutdown(connection.fd(), SHUT_RD);
  const bool wants_write = outcome == Connection::Outcome::want_write;
  watch(EPOLL_CTL_MOD, connection.fd(), (wants_write ? EPOLLOUT : EPOLLIN) | EPOLLONESHOT, &entry);
}

// Whether there is to be another turn.
bool PoolEngine::turn_ended() {
  const std::uint64_t now = monotonic_ns();
  if (accept_again_ns_ != 0 && now >= accept_again_ns_ && give_up_ns_ == 0) {
    accept_again_ns_ = 0;
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN, &listener_);
  }
  const std::lock_guard lock(mutex_);
  if (lingering_ > 0) drop_overdue(now);
  return give_up_ns_ == 0 || (!entries_.empty() && now < give_up_ns_);
}

void PoolEngine::drop_overdue(std::uint64_t now) {
  lingering_ -= std::erase_if(entries_, [&](const auto& item) {
    const Entry& entry = *item.second;
    return entry.parked && entry.drop_at_ns != 0 && (now >= entry.drop_at_ns || give_up_ns_ != 0);
  });
}

void PoolEngine::begin_stopping(int stop_fd) {
  accept_all();
  ::shutdown(listener_, SHUT_RDWR);
  watch(EPOLL_CTL_DEL, stop_fd, 0, nullptr);
  if (accept_again_ns_ == 0) watch(EPOLL_CTL_DEL, listener_, 0, nullptr);
  service_.begin_stopping();
  give_up_ns_ = monotonic_ns() + service_.options.protocol.drain_timeout_ns;
}

}  // namespace plateau::httpd
