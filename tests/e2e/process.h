// A child process with its output in hand.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"

namespace plateau::e2e {

class Process {
 public:
  // Starts `arguments` (the program first). Its standard error and, if asked for, its output are piped here.
  explicit Process(const std::vector<std::string>& arguments);
  // The same, with `before_exec` run in the child: it may only do what is safe after a fork.
  Process(const std::vector<std::string>& arguments, void (*before_exec)());
  // Kills the child if it still runs.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }

  // Reads standard error until it holds a whole line that contains `text`; that line, or empty after
  // `timeout_ms` or if the child ended.
  std::string wait_for_line(const std::string& text, int timeout_ms);

  void signal(int number) const;

  // Reads both streams to their end and reaps the child; its exit status, 128 + the signal that ended it, or
  // -1 after `timeout_ms`.
  int finish(int timeout_ms);

  const std::string& out() const { return out_; }
  const std::string& err() const { return err_; }

 private:
  bool read_some(std::uint64_t deadline_ns);

  pid_t pid_ = -1;
  Fd out_pipe_;
  Fd err_pipe_;
  std::string out_;
  std::string err_;
};

}  // namespace plateau::e2e
