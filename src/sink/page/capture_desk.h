// Where the page asks for a capture and fetches it, and the collecting thread makes it: one at a time, kept
// until the next one begins or it is forgotten.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/fd.h"

namespace plateau::sink::page {

struct CaptureState {
  enum class Phase { none, under_way, ready, failed };
  Phase phase = Phase::none;
  std::uint64_t duration_ns = 0;  // asked for
  std::uint64_t bytes = 0;        // of the file, once it is ready
  bool cut = false;               // it ended early: as large as it may get
  std::string error;
};

struct CaptureFile {
  std::shared_ptr<const Fd> file;  // null: there is none
  std::uint64_t bytes = 0;
};

class CaptureDesk {
 public:
  // Page: false if one is under way.
  bool ask(std::uint64_t duration_ns);
  CaptureState state() const;
  CaptureFile file() const;

  // Collector: how long the capture is to be that was asked for and has not been begun.
  std::optional<std::uint64_t> take();
  void ready(CaptureFile file, bool cut);
  void failed(std::string error);
  // What is ready is no more to be had.
  void forget();

 private:
  mutable std::mutex mutex_;
  CaptureState state_;
  CaptureFile file_;
  bool asked_ = false;
};

// As JSON: "phase", "duration_ns", "bytes", "cut", "error".
std::string capture_json(const CaptureState& state);

}  // namespace plateau::sink::page
