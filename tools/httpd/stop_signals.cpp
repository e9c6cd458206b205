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
namespace {

void raise(const Fd& event) {
  const std::uint64_t one = 1;
  static_cast<void>(!::write(event.get(), &one, sizeof one));
}

}  // namespace

StopSignals::StopSignals(int signals, Acts acts)
    : signals_(signals),
      acts_(std::move(acts)),
      stop_(::eventfd(0, EFD_CLOEXEC)),
      ending_(::eventfd(0, EFD_CLOEXEC)) {
  if (stop_.valid() && ending_.valid()) thread_ = std::thread([this] { watch(); });
}

StopSignals::~StopSignals() {
  raise(ending_);
  if (thread_.joinable()) thread_.join();
}

void StopSignals::watch() const {
  pthread_setname_np(pthread_self(), "signals");
  std::array<pollfd, 2> watched = {{{signals_, POLLIN, 0}, {ending_.get(), POLLIN, 0}}};
  bool stopping = false;
  while (true) {
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    if (watched[1].revents != 0) return;
    signalfd_siginfo signal;
    if (::read(signals_, &signal, sizeof signal) <= 0) continue;
    if (stopping) break;
    stopping = true;
    acts_.first();
    raise(stop_);
  }
  acts_.second();
  std::fputs("plateau-httpd: stopped at once by a second signal\n", stderr);
  std::_Exit(EXIT_FAILURE);
}

}  // namespace plateau::httpd
