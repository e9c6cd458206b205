// Requests on their way from the thread that collects, which never waits, to the one that exports. Bounded.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "sink/otlp/counts.h"
#include "sink/otlp/traced_request.h"

namespace plateau::sink::otlp {

class SpanQueue {
 public:
  explicit SpanQueue(Counts& counts, std::size_t most_bytes = std::size_t{4} << 20)
      : counts_(counts), most_bytes_(most_bytes) {}

  // What does not fit is counted, and gone.
  void add(TracedRequest request);

  // The oldest, so many at most.
  std::vector<TracedRequest> take(std::size_t most);

 private:
  Counts& counts_;
  const std::size_t most_bytes_;
  std::mutex mutex_;
  std::deque<TracedRequest> queue_;
  std::size_t bytes_ = 0;
};

}  // namespace plateau::sink::otlp
