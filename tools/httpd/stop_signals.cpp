#include "httpd/stop_signals.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace plateau::httpd {

StopSignals::StopSignals(int signals, Acts acts)
    : signals_(signals), acts_(std::move(acts)), woken_(::eventfd(0, EFD_CLOEXEC)) {
  if (woken_.valid()) thread_ = std::thread([this] { watch(); });
}

StopSignals::~StopSignals() {
  ending_ = true;
  wake();
  if (thread_.joinable()) thread_.join();
}

void StopSignals::take_first() {
  const std::lock_guard lock(mutex_);
  pollfd come{signals_, POLLIN, 0};
  if (taken_ || ::poll(&come, 1, 0) <= 0) return;
  signalfd_siginfo first;
  if (::read(signals_, &first, sizeof first) <= 0) return;
  taken_ = true;
  wake();
}

void StopSignals::wake() const {
  const std::uint64_t one = 1;
  static_cast<void>(!::write(woken_.get(), &one, sizeof one));
}

// Told of the first signal, it looks no more until that is taken. What it sees before it knows of the taking
// may be the second already: it sees that again.
void StopSignals::watch() {
  pthread_setname_np(pthread_self(), "signals");
  bool told = false;
  while (!ending_) {
    const bool taken = taken_;
    std::array<pollfd, 2> watched = {
        {{told && !taken ? -1 : signals_, POLLIN, 0}, {woken_.get(), POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    std::uint64_t count = 0;
    if (watched[1].revents != 0 && ::read(woken_.get(), &count, sizeof count) > 0) continue;
    if (watched[0].revents == 0) continue;
    if (taken) break;
    acts_.first();
    told = true;
  }
  if (ending_) return;
  acts_.second();
  std::fputs("plateau-httpd: stopped at once by a second signal\n", stderr);
  std::_Exit(EXIT_FAILURE);
}

}  // namespace plateau::httpd
