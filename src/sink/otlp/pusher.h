// What is exported over OTLP and when, step by step: metrics at an interval, spans of a batch of requests as
// soon as the one before it is through.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "sink/otlp/lane.h"
#include "sink/otlp/random.h"
#include "sink/otlp/settings.h"
#include "sink/otlp/span_queue.h"
#include "sink/otlp/target.h"
#include "sink/otlp/transport.h"

namespace plateau::sink::otlp {

// The world as it comes to a pusher.
struct Surroundings {
  std::function<std::vector<prometheus::MetricFamily>()> scrape;
  Transport transport;
  std::function<std::uint64_t()> monotonic_ns;
  std::function<std::int64_t()> realtime_offset_ns;
  Random random;
  Lane::Say say;
  std::string host;
};

class Pusher {
 public:
  static constexpr std::size_t kBatch = 512;                 // requests of a message
  static constexpr std::uint64_t kTracesNs = 1'000'000'000;  // between looks at the queue
  static constexpr long kTimeoutMs = 10'000, kLastTimeoutMs = 2'000;

  Pusher(Settings settings, Counts& counts, Surroundings surroundings);

  // Whom it is about, as known now; nothing is exported before. Any thread.
  void follow(Target target);
  // Never waits. Any thread.
  void add(TracedRequest request) { queue_.add(std::move(request)); }

  // Does what is due; when there will be more to do (CLOCK_MONOTONIC).
  std::uint64_t step();
  // Exports what there is, each once, and counts what is not taken.
  void finish();

 private:
  std::optional<Target> target() const;
  void make_metrics(const Target& target);
  void make_traces(const Target& target);
  void send(Lane& lane, long timeout_ms);
  std::uint64_t next_ns() const;

  const Settings settings_;
  Counts& counts_;
  const Surroundings world_;
  SpanQueue queue_;
  Lane metrics_;
  Lane traces_;
  std::uint64_t metrics_due_ns_ = 0;
  std::uint64_t traces_due_ns_ = 0;
  mutable std::mutex mutex_;
  std::optional<Target> target_;
};

}  // namespace plateau::sink::otlp
