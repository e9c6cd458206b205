#include "app/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "base/clock.h"

namespace plateau::app {
namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

ServiceManager::ServiceManager() {
  const std::string_view path = variable("NOTIFY_SOCKET");
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (path.size() < 2 || path.size() >= sizeof(to.sun_path) || (path[0] != '/' && path[0] != '@')) return;
  std::memcpy(to.sun_path, path.data(), path.size());
  if (path[0] == '@') to.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  Fd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid() || connect(fd.get(), static_cast<sockaddr*>(static_cast<void*>(&to)), size) != 0) return;
  socket_ = std::move(fd);
  const std::string_view watchdog = variable("WATCHDOG_USEC");
  std::uint64_t microseconds = 0;
  std::from_chars(watchdog.data(), watchdog.data() + watchdog.size(), microseconds);
  interval_ns_ = microseconds * 1'000 / 2;
}

void ServiceManager::tell(std::string_view message) const {
  if (socket_.valid()) (void)send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL);
}

void ServiceManager::reloading() {
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_ns() / 1'000));
}

void ServiceManager::alive(std::uint64_t now_ns) {
  if (interval_ns_ == 0 || now_ns < due_ns_) return;
  due_ns_ = now_ns + interval_ns_;
  tell("WATCHDOG=1");
}

}  // namespace plateau::app
