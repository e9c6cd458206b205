#include "sink/otlp/pusher.h"

#include <opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h>
#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "sink/otlp/metrics_message.h"
#include "sink/otlp/resource.h"
#include "sink/otlp/spans.h"

namespace plateau::sink::otlp {

using namespace opentelemetry::proto::collector;

Pusher::Pusher(Settings settings, Counts& counts, Surroundings surroundings)
    : settings_(std::move(settings)),
      counts_(counts),
      world_(std::move(surroundings)),
      queue_(counts),
      metrics_(Signal::metrics, counts, world_.say),
      traces_(Signal::traces, counts, world_.say) {}

void Pusher::follow(Target target) {
  const std::lock_guard lock(mutex_);
  target_ = std::move(target);
}

std::optional<Target> Pusher::target() const {
  const std::lock_guard lock(mutex_);
  return target_;
}

void Pusher::make_metrics(const Target& target) {
  metrics::v1::ExportMetricsServiceRequest message;
  auto& metrics = *message.add_resource_metrics();
  *metrics.mutable_resource() = resource_of(target, world_.host, settings_);
  auto& scoped = *metrics.add_scope_metrics();
  *scoped.mutable_scope() = scope();
  const auto families = world_.scrape();
  const auto now = static_cast<std::int64_t>(world_.monotonic_ns()) + world_.realtime_offset_ns();
  add_metrics(scoped, families, {target.start_unix_ns, static_cast<std::uint64_t>(now)});
  metrics_.put({message.SerializeAsString(), data_points(scoped)});
}

void Pusher::make_traces(const Target& target) {
  const auto requests = queue_.take(kBatch);
  if (requests.empty()) return;
  trace::v1::ExportTraceServiceRequest message;
  auto& spans = *message.add_resource_spans();
  *spans.mutable_resource() = resource_of(target, world_.host, settings_);
  auto& scoped = *spans.add_scope_spans();
  *scoped.mutable_scope() = scope();
  const std::int64_t offset_ns = world_.realtime_offset_ns();
  for (const auto& request : requests) add_spans(scoped, request, offset_ns, world_.random);
  traces_.put({message.SerializeAsString(), static_cast<std::uint64_t>(scoped.spans_size())});
}

void Pusher::send(Lane& lane, long timeout_ms) {
  if (!lane.idle()) lane.send(world_.monotonic_ns(), world_.transport, world_.random(), timeout_ms);
}

std::uint64_t Pusher::step() {
  const auto followed = target();
  const std::uint64_t now = world_.monotonic_ns();
  if (!followed) return now + kTracesNs;
  // What is still under way says less than what will be made later: counters go on.
  if (now >= metrics_due_ns_) {
    if (metrics_.idle()) make_metrics(*followed);
    metrics_due_ns_ = now + settings_.interval_ns;
  }
  if (traces_.idle() && now >= traces_due_ns_) {
    make_traces(*followed);
    if (traces_.idle()) traces_due_ns_ = now + kTracesNs;
  }
  send(metrics_, kTimeoutMs);
  send(traces_, kTimeoutMs);
  return next_ns();
}

std::uint64_t Pusher::next_ns() const {
  std::uint64_t next = metrics_due_ns_;
  if (!metrics_.idle()) next = std::min(next, metrics_.due_ns());
  return std::min(next, traces_.idle() ? traces_due_ns_ : traces_.due_ns());
}

void Pusher::finish() {
  const auto followed = target();
  if (followed) {
    metrics_.stop();  // what was under way is older than what comes now
    make_metrics(*followed);
    send(metrics_, kLastTimeoutMs);
  }
  metrics_.stop();
  traces_.hurry();
  bool taken = true;
  while (taken) {
    if (traces_.idle() && followed) make_traces(*followed);
    if (traces_.idle()) break;
    send(traces_, kLastTimeoutMs);
    taken = traces_.idle();
  }
  traces_.stop();
  for (const auto& request : queue_.take(SIZE_MAX))
    counts_.drop(Signal::traces, Drop::stopped, spans_in(request.budget));
}

}  // namespace plateau::sink::otlp
