// How a message gets to the receiver, and what it answers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sink/otlp/counts.h"

namespace plateau::sink::otlp {

struct Answer {
  long status = 0;                   // 0: there was none, see `error`
  std::string body{};                // cut after some kilobytes
  std::uint64_t retry_after_ns = 0;  // as the receiver wishes; 0: it did not say
  std::string error{};

  bool accepted() const { return status >= 200 && status < 300; }
  // Whether the same message may be taken later (OTLP's specification): not reached, too busy, or a
  // middleman's trouble.
  bool worth_retrying() const {
    return status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
  }
};

// Posts `body`, serialized and not compressed, in `timeout_ms` at most.
using Transport = std::function<Answer(Signal signal, const std::string& body, long timeout_ms)>;

}  // namespace plateau::sink::otlp
