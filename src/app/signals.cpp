#include "app/signals.h"

#include <pthread.h>
#include <sys/signalfd.h>

#include <csignal>

namespace plateau::app {
namespace {

sigset_t stop_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t set = stop_set();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  fd_ = Fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

// A signal that came and was acted on must not strike when it is unblocked.
StopSignals::~StopSignals() {
  signalfd_siginfo info;
  while (read(fd_.get(), &info, sizeof(info)) > 0) {
  }
  const sigset_t set = stop_set();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

ReloadSignal::ReloadSignal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  fd_ = Fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

bool ReloadSignal::take() const {
  signalfd_siginfo info;
  return read(fd_.get(), &info, sizeof(info)) > 0;
}

}  // namespace plateau::app
