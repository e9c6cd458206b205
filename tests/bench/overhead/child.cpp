#include "overhead/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/clock.h"
#include "overhead/stop.h"

namespace plateau::overhead {
namespace {

constexpr int kSliceMs = 10;
constexpr int kEndMs = 3000;

std::uint64_t deadline_in(int timeout_ms) {
  return monotonic_ns() + static_cast<std::uint64_t>(timeout_ms) * 1'000'000u;
}

bool mount_private_tracefs() {
  return unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, nullptr) == 0;
}

// Between fork and exec; returns only when something failed.
void become(const Command& command, const std::vector<char*>& arguments, int out, int err) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  setpgid(0, 0);
  for (const int number : {SIGINT, SIGTERM, SIGPIPE}) std::signal(number, SIG_DFL);
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(static_cast<std::size_t>(command.cpu), &cpus);
  if (sched_setaffinity(0, sizeof(cpus), &cpus) != 0) return;
  if (command.private_tracefs && !mount_private_tracefs()) return;
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  execvp(arguments[0], arguments.data());
}

void drain(Fd& from, std::string& into) {
  std::array<char, 16384> bytes;
  const ssize_t count = read(from.get(), bytes.data(), bytes.size());
  if (count > 0)
    into.append(bytes.data(), static_cast<std::size_t>(count));
  else
    from.reset();
}

std::uint64_t ns_of(const timeval& t) {
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(t.tv_usec) * 1000u;
}

Ending ending_of(int status, const rusage& usage) {
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          ns_of(usage.ru_utime) + ns_of(usage.ru_stime), static_cast<std::uint64_t>(usage.ru_maxrss) * 1024u};
}

}  // namespace

Result<Child> Child::start(const Command& command) {
  std::vector<std::string> texts = command.arguments;
  std::vector<char*> arguments;
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  std::array<int, 2> out{-1, -1}, err{-1, -1};
  if (pipe2(out.data(), O_CLOEXEC) != 0) return fail("cannot make a pipe");
  Fd out_read(out[0]), out_write(out[1]);
  if (pipe2(err.data(), O_CLOEXEC) != 0) return fail("cannot make a pipe");
  Fd err_read(err[0]), err_write(err[1]);
  const pid_t pid = fork();
  if (pid < 0) return fail("cannot fork");
  if (pid == 0) {
    become(command, arguments, out_write.get(), err_write.get());
    dprintf(err_write.get(), "cannot be run: %s\n", std::strerror(errno));
    _exit(127);
  }
  return Child(pid, std::move(out_read), std::move(err_read), command.arguments[0]);
}

Child::Child(pid_t pid, Fd out, Fd err, std::string name)
    : pid_(pid), out_pipe_(std::move(out)), err_pipe_(std::move(err)), name_(std::move(name)) {}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      out_pipe_(std::move(other.out_pipe_)),
      err_pipe_(std::move(other.err_pipe_)),
      name_(std::move(other.name_)),
      out_(std::move(other.out_)),
      err_(std::move(other.err_)) {}

Child::~Child() {
  if (pid_ < 0) return;
  signal(SIGTERM);
  for (const std::uint64_t deadline = deadline_in(kEndMs); monotonic_ns() < deadline;) {
    if (waitpid(pid_, nullptr, WNOHANG) != 0) return;
    read_some(kSliceMs);
  }
  signal(SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Child::signal(int number) const {
  if (pid_ > 0) kill(pid_, number);
}

// Waits no longer than `wait_ms`; a child that has closed both streams is waited for too.
void Child::read_some(int wait_ms) {
  std::array<pollfd, 2> watched = {{{out_pipe_.get(), POLLIN, 0}, {err_pipe_.get(), POLLIN, 0}}};
  if (poll(watched.data(), watched.size(), wait_ms) <= 0) return;
  if (watched[0].revents != 0) drain(out_pipe_, out_);
  if (watched[1].revents != 0) drain(err_pipe_, err_);
}

Error Child::error(const std::string& what) const {
  std::string last = err_.substr(0, err_.find_last_not_of('\n') + 1);
  last.erase(0, last.rfind('\n') + 1);
  return fail(name_ + ": " + what + (last.empty() ? "" : " (" + last + ")"));
}

Status Child::wait_until(const std::function<bool()>& done, int timeout_ms, std::string_view what) {
  const std::uint64_t deadline = deadline_in(timeout_ms);
  while (!done()) {
    if (stop_requested()) return fail("interrupted");
    if (!open()) return error("ended before " + std::string(what));
    if (monotonic_ns() >= deadline) return error("still waiting for " + std::string(what));
    read_some(kSliceMs);
  }
  return success();
}

Status Child::wait_for_text(std::string_view text, int timeout_ms) {
  const auto seen = [&] {
    return out_.find(text) != std::string::npos || err_.find(text) != std::string::npos;
  };
  return wait_until(seen, timeout_ms, "'" + std::string(text) + "'");
}

Result<Ending> Child::finish(int timeout_ms) {
  const std::uint64_t deadline = deadline_in(timeout_ms);
  while (true) {
    int status = 0;
    rusage usage{};
    if (!open() && wait4(pid_, &status, WNOHANG, &usage) == pid_) {
      pid_ = -1;
      return ending_of(status, usage);
    }
    if (stop_requested()) return fail("interrupted");
    if (monotonic_ns() >= deadline) return error("did not end in time");
    read_some(kSliceMs);
  }
}

}  // namespace plateau::overhead
