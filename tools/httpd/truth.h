// The server's own account: one JSON object a line for every request.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>

#include "base/fd.h"
#include "base/result.h"
#include "httpd/stage.h"

namespace plateau::httpd {

// All times are CLOCK_MONOTONIC nanoseconds; sizes are bytes on the wire, heads and framing included.
struct RequestRecord {
  std::uint64_t seq = 0;  // from 0 on each connection
  std::string method;     // empty, like path, if the head was malformed
  std::string path;
  int status = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  int tid_read = 0;
  int tid_write = 0;
  std::uint64_t rx_ns = 0;     // kernel's receive timestamp of the first bytes; 0 if it gave none
  std::uint64_t read_ns = 0;   // the receive call that brought the first bytes had returned
  std::uint64_t write_ns = 0;  // the last send call had returned; 0 if the response could not be sent
  StageSpans stages{};
};

class TruthBuffer;

// The log file. Buffers older than 100 ms reach the file by a thread of the log's own, so that an idle
// connection's last requests are seen as well.
class Truth {
 public:
  // Creates or truncates `path`.
  static Result<std::unique_ptr<Truth>> open(const std::string& path);
  ~Truth();

  // CLOCK_MONOTONIC of a CLOCK_REALTIME time, by the offset measured at most 100 ms ago.
  std::uint64_t to_monotonic(std::uint64_t realtime_ns) const {
    return realtime_ns - realtime_offset_ns_.load(std::memory_order_relaxed);
  }

  // Writes out what every buffer holds.
  void flush_all();

 private:
  friend class TruthBuffer;
  explicit Truth(Fd file);
  void run();
  void write_out(std::string& text);
  void measure_offset();

  Fd file_;
  std::atomic<std::uint64_t> realtime_offset_ns_{0};
  std::mutex mutex_;  // guards buffers_ and stopping_
  std::condition_variable wake_;
  bool stopping_ = false;
  std::unordered_set<TruthBuffer*> buffers_;
  std::thread flusher_;
};

// One thread's lines on their way to the log.
class TruthBuffer {
 public:
  explicit TruthBuffer(Truth& truth);
  ~TruthBuffer();
  TruthBuffer(const TruthBuffer&) = delete;
  TruthBuffer& operator=(const TruthBuffer&) = delete;

  // `connection` is what connection_prefix() made.
  void append(std::string_view connection, const RequestRecord& record);
  void flush();

 private:
  friend class Truth;
  void flush_if_older_than(std::uint64_t age_ns);

  Truth& truth_;
  std::mutex mutex_;
  std::string text_;
  std::uint64_t oldest_ns_ = 0;  // when the first of the lines held was appended
};

// The line's beginning, the same for every request of a connection; `peer` as in "127.0.0.1:43210".
std::string connection_prefix(std::uint64_t number, std::string_view peer);

// Appends the line, newline included.
void append_record(std::string& out, std::string_view connection, const RequestRecord& record);

}  // namespace plateau::httpd
