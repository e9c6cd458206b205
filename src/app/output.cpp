#include "app/output.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>

namespace plateau::app {
namespace {

constexpr int kLookMs = 100;  // how often a paused reader's writer looks for signals

bool stop_pending() {
  sigset_t pending;
  return sigpending(&pending) == 0 &&
         (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1);
}

// False on a stop signal.
bool wait_for_room() {
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  while (poll(&out, 1, kLookMs) == 0)
    if (stop_pending()) return false;
  return true;
}

}  // namespace

bool Output::write(const std::string& text) {
  for (std::size_t done = 0; good_ && done < text.size();) {
    // A pipe that polls as writable takes PIPE_BUF bytes without blocking.
    const std::size_t part = std::min<std::size_t>(PIPE_BUF, text.size() - done);
    const ssize_t written = wait_for_room() ? ::write(STDOUT_FILENO, text.data() + done, part) : -1;
    if (written > 0)
      done += static_cast<std::size_t>(written);
    else if (errno != EINTR)
      good_ = false;
  }
  return good_;
}

}  // namespace plateau::app
