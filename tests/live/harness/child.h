// A child process with its output in hand.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"

namespace plateau::live {

struct ChildOptions {
  std::string directory{};       // to start in; empty: the caller's
  uid_t user = 0;                // 0: the caller's; else the child has no privilege whatever
  std::vector<int> cpus{};       // it may run on these; empty: on all
  std::uint64_t open_files = 0;  // soft limit; 0: the caller's
  int output = -1;               // descriptor for its standard output; -1: read here
};

// What a child has written so far.
struct Output {
  std::string out;
  std::string err;
  std::size_t out_lines = 0;
  std::uint64_t first_out_ns = 0;  // CLOCK_MONOTONIC of standard output's first byte; 0: none yet
  bool ended = false;              // both streams
};

// Dies with the test program. A thread of its own reads what it writes: a child that nobody reads would come
// to a halt. All timeouts are milliseconds.
class Child {
 public:
  // Starts `arguments` (the program's path first), with both output streams piped here and /dev/null as
  // input.
  explicit Child(const std::vector<std::string>& arguments, const ChildOptions& options = {});
  // Kills the child if it still runs.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  std::uint64_t started_ns() const { return started_ns_; }  // CLOCK_MONOTONIC

  // Waits until `done` holds, which is asked after each piece of output; false after the timeout, or once
  // both streams have ended without it.
  bool wait_for(const std::function<bool(const Output&)>& done, int timeout_ms);

  // The first line of either stream that contains `text`; empty if it does not come in time.
  std::string wait_for_line(const std::string& text, int timeout_ms);

  void signal(int number) const;
  // As when `head` goes away: what the child writes from now on meets a closed pipe.
  void close_output();

  // Waits for the end of both streams and reaps the child; its exit status, 128 + the signal that ended it,
  // or -1 after the timeout, or if it has been reaped.
  int finish(int timeout_ms);

  Output output() const;
  std::string out() const { return output().out; }
  std::string err() const { return output().err; }

 private:
  enum class Order : std::uint64_t { close_output = 1, stop = 1'000 };
  void read_streams();
  void take(Fd& from, std::string Output::*into);
  bool obey(std::uint64_t orders);
  void send(Order order);

  pid_t pid_ = -1;
  std::uint64_t started_ns_ = 0;
  Fd out_pipe_;  // this and the next are the reader's alone
  Fd err_pipe_;
  Fd orders_;  // an eventfd: the sum of what the reader is told
  mutable std::mutex mutex_;
  std::condition_variable more_;
  Output output_;
  std::thread reader_;
};

}  // namespace plateau::live
