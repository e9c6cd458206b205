// A child process on a CPU of its own, its output in hand, its cost known at its end.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace plateau::overhead {

struct Command {
  std::vector<std::string> arguments;  // the program first, looked up in PATH
  int cpu = 0;                         // the only one that it may run on
  // Gives it a mount namespace with a tracefs of its own: bpftrace and perf trace need one, and perf would
  // mount it for the whole machine.
  bool private_tracefs = false;
};

// What wait4() says of a child that has ended.
struct Ending {
  int status = 0;  // exit status, or 128 + the signal that ended it
  std::uint64_t cpu_ns = 0;
  std::uint64_t max_rss_bytes = 0;
};

// Every wait ends early, with an error, when a stop is requested.
class Child {
 public:
  // The child has default signal handling and a process group of its own, and is sent SIGTERM should this
  // program die. A program that cannot be run
  // shows as a child that says so on stderr and ends with status 127.
  static Result<Child> start(const Command& command);

  // Ends the child (SIGTERM, SIGKILL after three seconds) and reaps it.
  ~Child();
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;

  // Until `done()`, looked at whenever output comes and every 10 ms. Errors: the child ended, or the time is
  // over; the message names `what`.
  Status wait_until(const std::function<bool()>& done, int timeout_ms, std::string_view what);
  // Until one of the two streams holds `text`.
  Status wait_for_text(std::string_view text, int timeout_ms);
  // Until the child has closed its streams and ended.
  Result<Ending> finish(int timeout_ms);

  const std::string& out() const { return out_; }
  const std::string& err() const { return err_; }

 private:
  Child(pid_t pid, Fd out, Fd err, std::string name);
  void read_some(int wait_ms);
  bool open() const { return out_pipe_.valid() || err_pipe_.valid(); }
  Error error(const std::string& what) const;

  pid_t pid_ = -1;
  Fd out_pipe_;
  Fd err_pipe_;
  std::string name_;
  std::string out_;
  std::string err_;
};

}  // namespace plateau::overhead
