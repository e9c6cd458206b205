#include "httpd/reuseport_engine.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "httpd/epoll_engine.h"
#include "httpd/listener.h"
#include "httpd/thread_name.h"

namespace plateau::httpd {
namespace {

void raise(const Fd& event) {
  const std::uint64_t one = 1;
  static_cast<void>(!::write(event.get(), &one, sizeof one));
}

// Until one of them is readable.
void wait_for(int stop_fd, const Fd& event) {
  std::array<pollfd, 2> watched = {{{stop_fd, POLLIN, 0}, {event.get(), POLLIN, 0}}};
  while (::poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) {
  }
}

}  // namespace

// The loops have a stop descriptor of their own, because one that fails stops the others.
Result<bool> ReuseportEngine::run(int listener, int stop_fd) {
  const std::size_t loops = service_.options.bottleneck.loops;
  std::vector<Fd> listeners;
  for (std::size_t i = 1; i < loops; ++i) {
    Result<Fd> another = listen_beside(listener, service_.options);
    if (!another) return another.error();
    listeners.push_back(std::move(another).value());
  }
  const Fd stop(::eventfd(0, EFD_CLOEXEC));
  if (!stop.valid()) return fail(std::string("eventfd: ") + std::strerror(errno));
  std::vector<std::optional<Result<bool>>> ends(loops);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < loops; ++i) {
    const int own = i == 0 ? listener : listeners[i - 1].get();
    threads.emplace_back([this, i, own, &stop, &ends] {
      name_thread("loop", i);
      ends[i] = EpollEngine(service_).run(own, stop.get());
      raise(stop);
    });
  }
  wait_for(stop_fd, stop);
  service_.begin_stopping();
  raise(stop);
  for (std::thread& thread : threads) thread.join();
  bool drained = true;
  for (const auto& end : ends) {
    if (!*end) return end->error();
    drained = drained && **end;
  }
  return drained;
}

}  // namespace plateau::httpd
