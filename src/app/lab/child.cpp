#include "app/lab/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "app/lab/stop.h"
#include "base/clock.h"

namespace plateau::app::lab {
namespace {

constexpr int kSliceMs = 10;
constexpr int kEndMs = 3000;

std::uint64_t deadline_in(int timeout_ms) {
  return monotonic_ns() + static_cast<std::uint64_t>(timeout_ms) * 1'000'000u;
}

bool pin(const std::vector<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(static_cast<std::size_t>(cpu), &set);
  return cpus.empty() || sched_setaffinity(0, sizeof(set), &set) == 0;
}

// Between fork and exec; returns only when something failed.
void become(const Command& command, const std::vector<char*>& arguments, pid_t parent, int out, int err) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  setpgid(0, 0);
  for (const int number : {SIGINT, SIGTERM, SIGPIPE}) std::signal(number, SIG_DFL);
  if (!pin(command.cpus)) return;
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0) return;
  int number = kFirstFile;
  for (const int file : command.files)
    if (dup2(file, number++) < 0) return;
  execvp(arguments[0], arguments.data());
}

void drain(Fd& from, std::string& into) {
  std::array<char, 65536> bytes;
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
          ns_of(usage.ru_utime) + ns_of(usage.ru_stime)};
}

struct Pipe {
  Fd read;
  Fd write;
};

// Above the numbers that a child's files get, so that none lands on another. Not valid on failure.
Fd high(int fd) {
  const Fd low(fd);
  return Fd(fcntl(fd, F_DUPFD_CLOEXEC, 2 * kFirstFile));
}

Pipe make_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  return {high(ends[0]), high(ends[1])};
}

}  // namespace

Result<Child> Child::start(const Command& command) {
  std::vector<std::string> texts = command.arguments;
  std::vector<char*> arguments;
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  if (!out.write.valid() || !err.write.valid()) return fail("cannot make a pipe");
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return fail("cannot fork");
  if (pid == 0) {
    become(command, arguments, parent, out.write.get(), err.write.get());
    dprintf(err.write.get(), "cannot be run: %s\n", std::strerror(errno));
    _exit(127);
  }
  const std::string name = std::filesystem::path(command.arguments[0]).filename();
  return Child(pid, std::move(out.read), std::move(err.read), name);
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

std::string Child::last_error_line() const {
  std::string last = err_.substr(0, err_.find_last_not_of('\n') + 1);
  return last.substr(last.rfind('\n') + 1);
}

Error Child::error(const std::string& what) const {
  const std::string last = last_error_line();
  return fail(name_ + " " + what + (last.empty() ? "" : ": " + last));
}

Status Child::wait_until(const std::function<bool()>& done, int timeout_ms, std::string_view what) {
  const std::uint64_t deadline = deadline_in(timeout_ms);
  while (!done()) {
    if (stop_requested()) return fail("interrupted");
    if (!open()) return error("ended before " + std::string(what));
    if (monotonic_ns() >= deadline) return error("is still waiting for " + std::string(what));
    read_some(kSliceMs);
  }
  return success();
}

Result<Ending> Child::finish(int timeout_ms, const std::function<void()>& tick) {
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
    tick();
    read_some(kSliceMs);
  }
}

}  // namespace plateau::app::lab
