// Captures that the page asks for, of a capture that goes on: bounded in time and size, in memory that no
// file system has a name for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "app/recorder.h"
#include "base/fd.h"
#include "sink/page/capture_desk.h"
#include "wire/facts.h"

namespace plateau::app {

class PageCapture {
 public:
  static constexpr std::uint64_t kMostBytes = 16u << 20;
  static constexpr std::uint64_t kKeptNs = 300'000'000'000;  // what nobody asks for is forgotten

  explicit PageCapture(sink::page::CaptureDesk& desk) : desk_(desk) {}

  // Whether facts are wanted now: to begin with, or to end with.
  bool wants_facts(std::uint64_t now_ns);
  // Begins, or ends.
  void facts(const wire::Facts& facts);
  void record(std::span<const std::byte> bytes);
  void holder(const wire::HolderSample& sample);

 private:
  void begin(const wire::Facts& facts);
  void end(const wire::Facts& facts);
  bool full() const { return recorder_ && recorder_->bytes() >= kMostBytes; }

  sink::page::CaptureDesk& desk_;
  std::uint64_t duration_ns_ = 0;  // of the one that is to begin, or has begun; 0: none
  std::uint64_t end_ns_ = 0;       // then it ends; what is ready is forgotten
  std::optional<Recorder> recorder_;
  wire::Facts start_;
  Fd file_;
};

}  // namespace plateau::app
