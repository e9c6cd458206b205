// Processes and sockets to look at.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>

#include "base/fd.h"

namespace plateau::target::test {

// A forked process that runs `body`, tells that it is ready and then lives until this goes.
class Child {
 public:
  explicit Child(const std::function<void()>& body = [] {});
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // In the child: forks a process of its own, which lives until it does.
  static pid_t fork_worker();

  pid_t pid() const { return pid_; }
  // A number that `body` handed out with tell(); 0: none.
  std::int64_t told() const { return told_; }
  static void tell(std::int64_t value);

 private:
  pid_t pid_ = -1;
  std::int64_t told_ = 0;
};

// A TCP socket that listens on a free loopback port; `family` AF_INET or AF_INET6 (that alone).
struct Listener {
  explicit Listener(int family);
  Fd fd;
  std::uint16_t port = 0;  // 0: not available here
};

// A pair of connected TCP sockets.
struct Connection {
  explicit Connection(const Listener& listener);
  Fd client, server;
};

}  // namespace plateau::target::test
