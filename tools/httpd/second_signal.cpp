#include "httpd/second_signal.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace plateau::httpd {

SecondSignal::SecondSignal(int signals, std::function<void()> last_act)
    : cancelled_(::eventfd(0, EFD_CLOEXEC)) {
  std::array<char, 128> first;
  pollfd come{signals, POLLIN, 0};
  if (::poll(&come, 1, 0) <= 0) return;
  if (::read(signals, first.data(), first.size()) <= 0 || !cancelled_.valid()) return;
  thread_ = std::thread([this, signals, act = std::move(last_act)] { watch(signals, act); });
}

SecondSignal::~SecondSignal() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  static_cast<void>(!::write(cancelled_.get(), &one, sizeof one));
  thread_.join();
}

void SecondSignal::watch(int signals, const std::function<void()>& last_act) const {
  std::array<pollfd, 2> watched = {{{signals, POLLIN, 0}, {cancelled_.get(), POLLIN, 0}}};
  while (::poll(watched.data(), watched.size(), -1) < 0) {
  }
  if (watched[1].revents != 0) return;
  last_act();
  std::fputs("plateau-httpd: stopped at once by a second signal\n", stderr);
  std::_Exit(EXIT_FAILURE);
}

}  // namespace plateau::httpd
