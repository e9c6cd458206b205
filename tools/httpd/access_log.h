// The access log: one JSON object a line for every answered request, written by a thread of its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/fd.h"
#include "base/result.h"

namespace plateau::httpd {

struct AccessLine {
  std::string_view remote = {};      // as in "127.0.0.1:43210"
  std::string_view protocol = {};    // as in "HTTP/1.1"
  std::string_view method = {};      // empty, like path, if the head was malformed
  std::string_view path = {};        // without the query, which may hold secrets
  std::string_view route = {};       // empty if none matched
  std::string_view request_id = {};  // empty: none
  std::string_view trace_id = {};    // likewise
  std::string_view span_id = {};
  int status = 0;
  std::uint64_t bytes = 0;        // of the response, head and framing included
  std::uint64_t duration_ns = 0;  // from the head's last byte read to the last byte handed to the kernel
};

// Appends the line, newline included; `realtime_ns` since 1970.
void append_line(std::string& out, const AccessLine& line, std::uint64_t realtime_ns);

// Any thread may write. Lines reach the file within 100 ms; a file that cannot be written loses lines, which
// is said once on standard error.
class AccessLog {
 public:
  // Appends to `path`, or writes to standard output for "-".
  static Result<std::unique_ptr<AccessLog>> open(const std::string& path);
  ~AccessLog();

  void write(const AccessLine& line);
  void flush();

 private:
  explicit AccessLog(Fd file) : file_(std::move(file)), flusher_([this] { run(); }) {}
  void run();
  void write_out(std::string_view text);

  Fd file_;
  std::mutex mutex_;  // guards text_, dropped_ and stopping_
  std::mutex file_mutex_;
  std::condition_variable wake_;
  std::string text_;
  bool stopping_ = false;
  bool said_ = false;  // guarded by file_mutex_
  std::thread flusher_;
};

}  // namespace plateau::httpd
