#include "toolkit/program.h"

#include <sys/signalfd.h>

#include <csignal>
#include <cstdio>

namespace plateau::toolkit {

int complain(std::string_view program, const Error& error) {
  std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(program.size()), program.data(), error.message.c_str());
  return static_cast<int>(error.code);
}

Fd stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return Fd(signalfd(-1, &signals, SFD_CLOEXEC));
}

}  // namespace plateau::toolkit
