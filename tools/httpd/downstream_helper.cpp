#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <thread>

#include "base/clock.h"
#include "httpd/downstream.h"
#include "httpd/downstream_message.h"
#include "httpd/sleep.h"
#include "toolkit/duration.h"

namespace plateau::httpd {
namespace {

void answer(Fd socket, std::uint64_t delay_ns) {
  DownstreamMessage message{};
  while (::recv(socket.get(), message.data(), message.size(), MSG_WAITALL) > 0) {
    sleep_until_ns(monotonic_ns() + delay_ns);
    if (::send(socket.get(), message.data(), message.size(), MSG_NOSIGNAL) <= 0) return;
  }
}

void accept_all(int listener, std::uint64_t connections, std::uint64_t delay_ns) {
  for (std::uint64_t i = 0; i < connections; ++i) {
    Fd socket(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket.valid()) return;
    const int on = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::thread(answer, std::move(socket), delay_ns).detach();
  }
}

}  // namespace

// A thread a connection; the process ends when the server's end of the life pipe is closed, however the
// server ended.
int run_downstream_helper(int argc, const char* const* argv) {
  std::uint64_t numbers[4] = {};
  if (argc != 6) return static_cast<int>(ExitCode::usage);
  for (int i = 0; i < 4; ++i) {
    const auto number = toolkit::parse_number(argv[2 + i], ~std::uint64_t{0});
    if (!number) return static_cast<int>(ExitCode::usage);
    numbers[i] = *number;
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  std::thread(accept_all, static_cast<int>(numbers[0]), numbers[2], numbers[3]).detach();
  char byte = 0;
  while (::read(static_cast<int>(numbers[1]), &byte, 1) > 0) {
  }
  std::_Exit(EXIT_SUCCESS);
}

}  // namespace plateau::httpd
