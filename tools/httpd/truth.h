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
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "httpd/record_stream.h"
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

// The log file. Records are made into lines and written by a thread of the log's own, which runs when nothing
// else would: the log must not take time from the requests it is about. Above kMostWaiting bytes of records
// the requests wait for it.
class Truth {
 public:
  // Creates or truncates `path`.
  static Result<std::unique_ptr<Truth>> open(const std::string& path);
  ~Truth();

  // CLOCK_MONOTONIC of a CLOCK_REALTIME time, by the offset measured lately.
  std::uint64_t to_monotonic(std::uint64_t realtime_ns) const {
    return realtime_ns - realtime_offset_ns_.load(std::memory_order_relaxed);
  }

  // Writes out everything appended before the call.
  void flush_all();

  static constexpr std::size_t kMostWaiting = 256u << 20;

 private:
  friend class TruthBuffer;
  explicit Truth(Fd file);
  void run();
  void write_waiting();
  void write_records(std::string_view records);
  void write_out();
  void measure_offset();

  Fd file_;
  std::atomic<std::uint64_t> realtime_offset_ns_{0};
  std::atomic<std::size_t> waiting_{0};  // bytes of records, as far as counted
  std::mutex mutex_;                     // guards new_streams_ and stopping_
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<std::shared_ptr<RecordStream>> new_streams_;
  std::mutex writing_;  // guards streams_, text_ and text_size_; taken before mutex_
  std::vector<std::shared_ptr<RecordStream>> streams_;
  std::vector<char> text_;
  std::size_t text_size_ = 0;
  std::thread writer_;
};

// One thread's records on their way to the log.
class TruthBuffer {
 public:
  explicit TruthBuffer(Truth& truth);
  ~TruthBuffer();
  TruthBuffer(const TruthBuffer&) = delete;
  TruthBuffer& operator=(const TruthBuffer&) = delete;

  // `connection` is what connection_prefix() made.
  void append(std::string_view connection, const RequestRecord& record) {
    append(connection, record, stages_of(record.stages));
  }
  // As above where it is known which of the record's stages happened.
  void append(std::string_view connection, const RequestRecord& record, StageSet stages);

 private:
  Truth& truth_;
  const std::shared_ptr<RecordStream> stream_;
  std::size_t uncounted_ = 0;  // bytes not yet in truth_.waiting_
};

// The line's beginning, the same for every request of a connection; `peer` as in "127.0.0.1:43210".
std::string connection_prefix(std::uint64_t number, std::string_view peer);

}  // namespace plateau::httpd
