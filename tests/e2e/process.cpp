#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "base/clock.h"

namespace plateau::e2e {
namespace {

struct Pipe {
  Fd read;
  Fd write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  return {Fd(ends[0]), Fd(ends[1])};
}

std::uint64_t deadline_in(int timeout_ms) {
  return monotonic_ns() + static_cast<std::uint64_t>(timeout_ms) * 1'000'000u;
}

struct Streams {
  int out;
  int err;
};

pid_t spawn(const std::vector<char*>& arguments, const Streams& streams) {
  pid_t pid = -1;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, streams.out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, streams.err, STDERR_FILENO);
  if (posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) pid = -1;
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

pid_t fork_and_exec(const std::vector<char*>& arguments, const Streams& streams, void (*before_exec)()) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::dup2(streams.out, STDOUT_FILENO);
  ::dup2(streams.err, STDERR_FILENO);
  before_exec();
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

void drain(Fd& from, std::string& into) {
  std::array<char, 4096> bytes;
  const ssize_t count = ::read(from.get(), bytes.data(), bytes.size());
  if (count > 0) {
    into.append(bytes.data(), static_cast<std::size_t>(count));
  } else {
    from.reset();
  }
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments) : Process(arguments, nullptr) {}

Process::Process(const std::vector<std::string>& arguments, void (*before_exec)()) {
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  std::vector<std::string> texts = arguments;
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  const Streams streams{out.write.get(), err.write.get()};
  pid_ = before_exec != nullptr ? fork_and_exec(pointers, streams, before_exec) : spawn(pointers, streams);
  out_pipe_ = std::move(out.read);
  err_pipe_ = std::move(err.read);
}

Process::~Process() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Process::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

// False once both streams have ended or the deadline has passed.
bool Process::read_some(std::uint64_t deadline_ns) {
  const std::uint64_t now = monotonic_ns();
  if (now >= deadline_ns || (!out_pipe_.valid() && !err_pipe_.valid())) return false;
  std::array<pollfd, 2> watched = {{{out_pipe_.get(), POLLIN, 0}, {err_pipe_.get(), POLLIN, 0}}};
  const int wait_ms = static_cast<int>((deadline_ns - now) / 1'000'000 + 1);
  if (::poll(watched.data(), watched.size(), wait_ms) <= 0) return false;
  if (watched[0].revents != 0) drain(out_pipe_, out_);
  if (watched[1].revents != 0) drain(err_pipe_, err_);
  return true;
}

std::string Process::wait_for_line(const std::string& text, int timeout_ms) {
  const std::uint64_t deadline = deadline_in(timeout_ms);
  while (true) {
    const std::size_t found = err_.find(text);
    const std::size_t end = found == std::string::npos ? found : err_.find('\n', found);
    if (end != std::string::npos) {
      const std::size_t begin = err_.rfind('\n', found) + 1;
      return err_.substr(begin, end - begin);
    }
    if (!read_some(deadline)) return {};
  }
}

int Process::finish(int timeout_ms) {
  const std::uint64_t deadline = deadline_in(timeout_ms);
  while (read_some(deadline)) {
  }
  if (pid_ < 0 || out_pipe_.valid() || err_pipe_.valid()) return -1;
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) return -1;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace plateau::e2e
