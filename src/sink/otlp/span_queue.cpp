#include "sink/otlp/span_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "attribution/examples.h"

namespace plateau::sink::otlp {

void SpanQueue::add(TracedRequest request) {
  // A path may be as long as a record.
  request.request.path = request.request.path.substr(0, attribution::kLongestPath);
  request.request.path.shrink_to_fit();
  const std::size_t bytes = request.bytes();
  const std::lock_guard lock(mutex_);
  if (bytes_ + bytes > most_bytes_) {
    counts_.drop(Signal::traces, Drop::queue_full, spans_in(request.budget));
    return;
  }
  bytes_ += bytes;
  counts_.queue_bytes = bytes_;
  queue_.push_back(std::move(request));
}

std::vector<TracedRequest> SpanQueue::take(std::size_t most) {
  const std::lock_guard lock(mutex_);
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(most, queue_.size()));
  std::vector<TracedRequest> taken(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  for (const auto& request : taken) bytes_ -= request.bytes();
  counts_.queue_bytes = bytes_;
  return taken;
}

}  // namespace plateau::sink::otlp
