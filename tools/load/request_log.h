// The log of requests: one JSON object a line.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"
#include "load/connection.h"

namespace plateau::load {

class RequestLog {
 public:
  // Creates or truncates `path`.
  static Result<RequestLog> open(const std::string& path);
  // For another thread: lines of both go to the same file, each line whole.
  RequestLog another() const { return RequestLog(shared_); }

  // `done_ns` is 0 and `status` 0 for a request that was not answered.
  void append(std::string_view peer, const InFlight& request, std::uint64_t done_ns, int status,
              std::uint64_t bytes);
  // False if the file could not take everything.
  bool flush();

 private:
  struct Shared {
    Fd file;
    std::mutex mutex;  // held during a flush
  };

  explicit RequestLog(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  std::shared_ptr<Shared> shared_;
  std::string text_;
  bool complete_ = true;
};

}  // namespace plateau::load
