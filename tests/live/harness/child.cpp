#include "harness/child.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <string_view>

#include "base/clock.h"

namespace plateau::live {
namespace {

constexpr int kCannotStart = 126;

struct Pipe {
  Fd read;
  Fd write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  return {Fd(ends[0]), Fd(ends[1])};
}

bool pin(const std::vector<int>& cpus) {
  if (cpus.empty()) return true;
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(static_cast<std::size_t>(cpu), &set);
  return sched_setaffinity(0, sizeof set, &set) == 0;
}

bool allow_files(std::uint64_t count) {
  if (count == 0) return true;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = count;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

bool become(uid_t user) {
  if (user == 0) return true;
  return setgroups(0, nullptr) == 0 && setgid(user) == 0 && setuid(user) == 0;
}

// Between fork and exec. The program is opened before the privileges go: its folder may be closed to others.
[[noreturn]] void exec(const std::vector<char*>& arguments, const ChildOptions& options, int out, int err) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int in = ::open("/dev/null", O_RDONLY);
  const bool wired =
      dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0;
  const int program = ::open(arguments[0], O_RDONLY | O_CLOEXEC);
  const bool placed = options.directory.empty() || chdir(options.directory.c_str()) == 0;
  if (!wired || !placed || !pin(options.cpus) || !allow_files(options.open_files) || !become(options.user)) {
    _exit(kCannotStart);
  }
  if (options.user == 0) execv(arguments[0], arguments.data());
  if (options.user != 0) fexecve(program, arguments.data(), environ);
  _exit(kCannotStart);
}

std::string line_with(const std::string& text, const std::string& wanted) {
  const std::size_t found = text.find(wanted);
  const std::size_t end = found == std::string::npos ? found : text.find('\n', found);
  if (end == std::string::npos) return {};
  const std::size_t begin = text.rfind('\n', found) + 1;
  return text.substr(begin, end - begin);
}

}  // namespace

Child::Child(const std::vector<std::string>& arguments, const ChildOptions& options)
    : orders_(eventfd(0, EFD_CLOEXEC)) {
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  std::vector<std::string> texts = arguments;
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  started_ns_ = monotonic_ns();
  pid_ = fork();
  if (pid_ == 0)
    exec(pointers, options, options.output >= 0 ? options.output : out.write.get(), err.write.get());
  out_pipe_ = std::move(out.read);
  err_pipe_ = std::move(err.read);
  reader_ = std::thread([this] { read_streams(); });
}

Child::~Child() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  send(Order::stop);
  reader_.join();
}

void Child::send(Order order) {
  eventfd_write(orders_.get(), static_cast<eventfd_t>(order));
}

void Child::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

void Child::close_output() {
  send(Order::close_output);
}

void Child::take(Fd& from, std::string Output::*into) {
  std::array<char, 65536> bytes;
  const ssize_t count = ::read(from.get(), bytes.data(), bytes.size());
  if (count <= 0) return from.reset();
  const std::string_view piece(bytes.data(), static_cast<std::size_t>(count));
  const std::lock_guard lock(mutex_);
  (output_.*into).append(piece);
  if (into != &Output::out) return;
  output_.out_lines += static_cast<std::size_t>(std::count(piece.begin(), piece.end(), '\n'));
  if (output_.first_out_ns == 0) output_.first_out_ns = monotonic_ns();
}

// False once there is to be an end.
bool Child::obey(std::uint64_t orders) {
  out_pipe_.reset();
  return orders < static_cast<std::uint64_t>(Order::stop);
}

void Child::read_streams() {
  bool reading = true;
  while (reading && (out_pipe_.valid() || err_pipe_.valid())) {
    std::array<pollfd, 3> watched = {
        {{out_pipe_.get(), POLLIN, 0}, {err_pipe_.get(), POLLIN, 0}, {orders_.get(), POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), -1);
    if (watched[0].revents != 0) take(out_pipe_, &Output::out);
    if (watched[1].revents != 0) take(err_pipe_, &Output::err);
    eventfd_t orders = 0;
    if (watched[2].revents != 0 && eventfd_read(orders_.get(), &orders) == 0) reading = obey(orders);
    more_.notify_all();
  }
  const std::lock_guard lock(mutex_);
  output_.ended = true;
  more_.notify_all();
}

bool Child::wait_for(const std::function<bool(const Output&)>& done, int timeout_ms) {
  std::unique_lock lock(mutex_);
  bool held = false;
  more_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] {
    held = done(output_);
    return held || output_.ended;
  });
  return held;
}

std::string Child::wait_for_line(const std::string& text, int timeout_ms) {
  std::string line;
  const auto found = [&](const Output& output) {
    line = line_with(output.err, text);
    if (line.empty()) line = line_with(output.out, text);
    return !line.empty();
  };
  wait_for(found, timeout_ms);
  return line;
}

int Child::finish(int timeout_ms) {
  if (pid_ < 0 || !wait_for([](const Output& output) { return output.ended; }, timeout_ms)) return -1;
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) return -1;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Output Child::output() const {
  const std::lock_guard lock(mutex_);
  return output_;
}

}  // namespace plateau::live
