#include "httpd/reuseport_engine.h"

#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "httpd/epoll_engine.h"
#include "httpd/listener.h"
#include "httpd/thread_name.h"

namespace plateau::httpd {

Result<bool> ReuseportEngine::run(int listener, int stop_fd) {
  const std::size_t loops = service_.options.bottleneck.loops;
  std::vector<Fd> listeners;
  for (std::size_t i = 1; i < loops; ++i) {
    Result<Fd> another = listen_beside(listener, service_.options);
    if (!another) return another.error();
    listeners.push_back(std::move(another).value());
  }
  std::vector<std::optional<Result<bool>>> ends(loops);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < loops; ++i) {
    const int own = i == 0 ? listener : listeners[i - 1].get();
    threads.emplace_back([this, i, own, stop_fd, &ends] {
      name_thread("loop", i);
      ends[i] = EpollEngine(service_).run(own, stop_fd);
    });
  }
  for (std::thread& thread : threads) thread.join();
  bool drained = true;
  for (const auto& end : ends) {
    if (!*end) return end->error();
    drained = drained && **end;
  }
  return drained;
}

}  // namespace plateau::httpd
