#include "victim_process.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <utility>

#include "base/clock.h"

namespace plateau::symbol::test {
namespace {

constexpr std::uint64_t kPatienceNs = 20'000'000'000;
constexpr std::size_t kSliceBytes = 16384;

Error failed(const std::string& what) {
  return fail(what + ": " + std::strerror(errno));
}

std::pair<Fd, Fd> make_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  return {Fd(ends[0]), Fd(ends[1])};
}

Result<std::string> read_line(int fd) {
  std::string line;
  pollfd ready{fd, POLLIN, 0};
  for (char c = 0; c != '\n'; line += c) {
    if (poll(&ready, 1, static_cast<int>(kPatienceNs / 1'000'000)) != 1)
      return fail("the victim says nothing");
    if (read(fd, &c, 1) != 1) return fail("the victim ended");
  }
  return line;
}

// A stopped, traced thread; let go at the end.
class Tracee {
 public:
  explicit Tracee(pid_t tid) : tid_(tid) {
    seized_ = ptrace(PTRACE_SEIZE, tid_, nullptr, PTRACE_O_TRACESYSGOOD) == 0;
    stopped_ = seized_ && ptrace(PTRACE_INTERRUPT, tid_, nullptr, nullptr) == 0 && await_stop();
  }
  ~Tracee() {
    if (seized_) ptrace(PTRACE_DETACH, tid_, nullptr, nullptr);
  }
  Tracee(const Tracee&) = delete;
  Tracee& operator=(const Tracee&) = delete;

  bool stopped() const { return stopped_; }

  // Runs to the next entry to or exit from a system call.
  bool to_syscall() const { return ptrace(PTRACE_SYSCALL, tid_, nullptr, nullptr) == 0 && await_stop(); }

  bool registers(user_regs_struct& registers) const {
    return ptrace(PTRACE_GETREGS, tid_, nullptr, &registers) == 0;
  }

 private:
  bool await_stop() const {
    int status = 0;
    return waitpid(tid_, &status, __WALL) == tid_ && WIFSTOPPED(status);
  }

  pid_t tid_;
  bool seized_ = false;
  bool stopped_ = false;
};

UserRegisters converted(const user_regs_struct& r) {
  return {.ip = r.rip,
          .sp = r.rsp,
          .bp = r.rbp,
          .bx = r.rbx,
          .r12 = r.r12,
          .r13 = r.r13,
          .r14 = r.r14,
          .r15 = r.r15,
          .ax = r.rax,
          .cx = r.rcx,
          .dx = r.rdx,
          .si = r.rsi,
          .di = r.rdi,
          .r8 = r.r8,
          .r9 = r.r9,
          .r10 = r.r10,
          .r11 = r.r11};
}

Result<Snapshot> take(pid_t pid, const Tracee& tracee) {
  user_regs_struct registers{};
  if (!tracee.registers(registers)) return failed("no registers");
  Snapshot snapshot{converted(registers), std::vector<std::byte>(kSliceBytes)};
  const iovec local{snapshot.stack.data(), kSliceBytes};
  const iovec remote{reinterpret_cast<void*>(registers.rsp), kSliceBytes};
  const auto got = process_vm_readv(pid, &local, 1, &remote, 1, 0);
  if (got <= 0) return failed("no stack");
  snapshot.stack.resize(static_cast<std::size_t>(got));
  return snapshot;
}

bool is_wake(const user_regs_struct& registers) {
  return registers.orig_rax == SYS_futex && (registers.rsi & FUTEX_CMD_MASK) == FUTEX_WAKE;
}

}  // namespace

Scratch::Scratch() {
  auto name = (std::filesystem::temp_directory_path() / "plateau-symbol-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string victim_path(const std::string& name) {
  return std::string(PLATEAU_VICTIMS) + "/" + name;
}

VictimProcess::VictimProcess(std::string program, std::string root) : program_(std::move(program)) {
  auto [go_out, go_in] = make_pipe();
  auto [input_out, input_in] = make_pipe();
  auto [output_out, output_in] = make_pipe();
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    char byte = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    go_in.reset();
    if (getppid() != parent || read(go_out.get(), &byte, 1) != 1) _exit(1);
    if (!root.empty() && (chroot(root.c_str()) != 0 || chdir("/") != 0)) _exit(1);
    dup2(input_out.get(), STDIN_FILENO);
    dup2(output_in.get(), STDOUT_FILENO);
    execl(program_.c_str(), program_.c_str(), nullptr);
    _exit(127);
  }
  go_ = std::move(go_in);
  input_ = std::move(input_in);
  output_ = std::move(output_out);
}

VictimProcess::~VictimProcess() {
  kill();
}

void VictimProcess::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

Status VictimProcess::run() {
  if (write(go_.get(), "x", 1) != 1) return failed("cannot start the victim");
  const auto line = read_line(output_.get());
  if (!line) return line.error();
  if (std::sscanf(line->c_str(), "holder %d waiter %d", &holder_, &waiter_) != 2)
    return fail("what? " + *line);
  const auto holding = await_syscall(holder_, SYS_read);
  return holding ? await_syscall(waiter_, SYS_futex) : holding;
}

Status VictimProcess::await_syscall(pid_t tid, long number) const {
  const auto path = "/proc/" + std::to_string(pid_) + "/task/" + std::to_string(tid) + "/syscall";
  const auto deadline = monotonic_ns() + kPatienceNs;
  while (monotonic_ns() < deadline) {
    long current = -1;
    if (std::ifstream(path) >> current && current == number) return success();
    usleep(1000);
  }
  return fail("thread does not get into system call " + std::to_string(number));
}

Result<Snapshot> VictimProcess::snapshot(pid_t tid) const {
  const Tracee tracee(tid);
  if (!tracee.stopped()) return failed("cannot stop the thread");
  return take(pid_, tracee);
}

Result<Snapshot> VictimProcess::snapshot_of_waker() const {
  const Tracee tracee(holder_);
  if (!tracee.stopped()) return failed("cannot stop the holder");
  if (write(input_.get(), "x", 1) != 1) return failed("cannot order");
  for (int stops = 0; stops < 32 && tracee.to_syscall(); ++stops) {
    user_regs_struct registers{};
    if (tracee.registers(registers) && is_wake(registers)) return take(pid_, tracee);
  }
  return fail("the holder woke nobody");
}

}  // namespace plateau::symbol::test
