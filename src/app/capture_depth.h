// How much of each answer the kernel side copies: all its first buffers and its last bytes, or the head
// alone.
#pragma once

#include <cstdint>

#include "request/counters.h"

namespace plateau::app {

// Starts with everything. Goes down to heads once half a second of traffic did not need more, and back for
// ten seconds as soon as an answer's end could not be told from its head.
class CaptureDepth {
 public:
  // Called often; returns whether heads are enough from now on.
  bool heads_only(std::uint64_t now_ns, const request::Counters& counters);

 private:
  static std::uint64_t needing_more(const request::Counters& counters) {
    return counters.chunked + counters.inferred;
  }

  bool heads_only_ = false;
  std::uint64_t since_ns_ = 0;  // start of the stretch that is judged
  std::uint64_t not_before_ns_ = 0;
  std::uint64_t requests_ = 0;  // at since_ns_
  std::uint64_t needing_more_ = 0;
};

}  // namespace plateau::app
