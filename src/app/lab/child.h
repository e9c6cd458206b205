// A child process on chosen CPUs, its output in hand. It does not outlive this program, however that ends.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace plateau::app::lab {

inline constexpr int kFirstFile = 10;

struct Command {
  std::vector<std::string> arguments;  // the program's path first, looked up in PATH if it has no slash
  std::vector<int> cpus;               // it may run on these
  std::vector<int> files;              // descriptors that it gets as kFirstFile and the numbers after it
};

struct Ending {
  int status = 0;  // exit status, or 128 + the signal that ended it
  std::uint64_t cpu_ns = 0;
};

// Every wait ends early, with an error, when a stop is requested.
class Child {
 public:
  // The child has default signal handling and a process group of its own (Ctrl-C is this program's to
  // handle), and is killed should this program die. One that cannot be run shows as a child that says so on
  // stderr and ends with status 127.
  static Result<Child> start(const Command& command);

  // Ends the child (SIGTERM, SIGKILL after three seconds) and reaps it.
  ~Child();
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;

  // Until `done()`, asked whenever output comes and every 10 ms. Errors: the child ended, or the time is
  // over; the message names `what`.
  Status wait_until(const std::function<bool()>& done, int timeout_ms, std::string_view what);
  // Until the child has closed its streams and ended; `tick` is called as `done` above.
  Result<Ending> finish(
      int timeout_ms, const std::function<void()>& tick = [] {});

  const std::string& out() const { return out_; }
  const std::string& err() const { return err_; }
  std::string last_error_line() const;

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

}  // namespace plateau::app::lab
