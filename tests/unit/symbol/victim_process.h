// Runs the victim program and takes the registers and a slice of the stack of its threads.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "symbol/registers.h"

namespace plateau::symbol::test {

// A directory of its own, removed at the end.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  std::filesystem::path path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string victim_path(const std::string& name);

struct Snapshot {
  UserRegisters registers;
  std::vector<std::byte> stack;

  StackSlice slice() const { return {registers.sp, stack}; }
  StackSlice slice(std::size_t bytes) const { return {registers.sp, std::span(stack).first(bytes)}; }
};

class VictimProcess {
 public:
  // Forks; the child waits for run() before it becomes `program`, under another root if one is given.
  explicit VictimProcess(std::string program, std::string root = "");
  ~VictimProcess();  // kills and reaps
  VictimProcess(const VictimProcess&) = delete;
  VictimProcess& operator=(const VictimProcess&) = delete;

  // Waits until the holder holds the lock and the waiter waits for it.
  Status run();

  pid_t pid() const { return pid_; }
  pid_t holder() const { return holder_; }
  pid_t waiter() const { return waiter_; }

  // Of a thread as it stands.
  Result<Snapshot> snapshot(pid_t tid) const;

  // Lets the holder go on, and takes it as it enters futex(FUTEX_WAKE).
  Result<Snapshot> snapshot_of_waker() const;

  void kill();

 private:
  Status await_syscall(pid_t tid, long number) const;

  std::string program_;
  pid_t pid_ = -1, holder_ = -1, waiter_ = -1;
  Fd go_, input_, output_;
};

}  // namespace plateau::symbol::test
