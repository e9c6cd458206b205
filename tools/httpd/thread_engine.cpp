#include "httpd/thread_engine.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <utility>

#include "base/clock.h"

namespace plateau::httpd {
namespace {

constexpr std::size_t kStackSize = 256 * 1024;
constexpr int kExhaustedPauseMs = 50;
constexpr std::uint64_t kLookAgainNs = 20'000'000;
constexpr std::uint64_t kCutOffNs = 1'000'000'000;

}  // namespace

Result<bool> ThreadEngine::run(int listener, int stop_fd) {
  std::array<pollfd, 2> watched = {{{stop_fd, POLLIN, 0}, {listener, POLLIN, 0}}};
  while (true) {
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) {
      return fail(std::string("poll: ") + std::strerror(errno));
    }
    if (watched[0].revents != 0) return drain(listener);
    if (accept_all(listener) == AcceptStatus::exhausted) ::poll(watched.data(), 1, kExhaustedPauseMs);
  }
}

AcceptStatus ThreadEngine::accept_all(int listener) {
  while (true) {
    Accepted accepted = accept_from(listener, false, service_.wants_peer());
    if (accepted.status != AcceptStatus::accepted) return accepted.status;
    start_thread(std::move(accepted));
  }
}

// Where no thread can be had, the connection is closed: the client sees it at once.
void ThreadEngine::start_thread(Accepted accepted) {
  const int fd = accepted.socket.get();
  auto job = std::make_unique<Job>(Job{service_, registry_, std::move(accepted), ++service_.connections});
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackSize);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  {
    const std::lock_guard lock(registry_->mutex);
    registry_->sockets.insert(fd);
    ++registry_->threads;
  }
  pthread_t thread;
  if (pthread_create(&thread, &attributes, &ThreadEngine::serve, job.get()) == 0) {
    static_cast<void>(job.release());
  } else {
    const std::lock_guard lock(registry_->mutex);
    registry_->sockets.erase(fd);
    --registry_->threads;
  }
  pthread_attr_destroy(&attributes);
}

void* ThreadEngine::serve(void* argument) {
  const std::unique_ptr<Job> job(static_cast<Job*>(argument));
  const std::shared_ptr<Registry> registry = job->registry;
  const int fd = job->accepted.socket.get();
  {
    std::optional<TruthBuffer> truth;
    if (job->service.truth) truth.emplace(*job->service.truth);
    Connection connection(job->service, make_transport(job->service, std::move(job->accepted.socket)),
                          job->number, job->accepted.peer, truth ? &*truth : nullptr);
    connection.drive(Connection::Blocking::yes);
    const std::lock_guard lock(registry->mutex);
    registry->sockets.erase(fd);
  }
  if (job->service.tls) TlsContext::leave_thread();
  const std::lock_guard lock(registry->mutex);
  if (--registry->threads == 0) registry->empty.notify_all();
  return nullptr;
}

// Threads waiting for a request see the end of their connection; those at work finish it first.
bool ThreadEngine::drain(int listener) {
  accept_all(listener);
  ::shutdown(listener, SHUT_RDWR);
  service_.begin_stopping();
  const std::uint64_t give_up = monotonic_ns() + service_.options.protocol.drain_timeout_ns;
  while (!wait_until_empty(kLookAgainNs)) {
    if (monotonic_ns() >= give_up) return cut_off();
    service_.watchdog.stop_idle();
  }
  return true;
}

bool ThreadEngine::cut_off() {
  {
    const std::lock_guard lock(registry_->mutex);
    for (const int fd : registry_->sockets) ::shutdown(fd, SHUT_RDWR);
  }
  return wait_until_empty(kCutOffNs);
}

bool ThreadEngine::wait_until_empty(std::uint64_t timeout_ns) {
  std::unique_lock lock(registry_->mutex);
  return registry_->empty.wait_for(lock, std::chrono::nanoseconds(timeout_ns),
                                   [this] { return registry_->threads == 0; });
}

}  // namespace plateau::httpd
