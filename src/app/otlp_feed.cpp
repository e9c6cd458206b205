#include "app/otlp_feed.h"

#include <string>

namespace plateau::app {

Result<std::unique_ptr<sink::otlp::Exporter>> start_otlp(const sink::otlp::Settings& settings,
                                                         sink::MetricsCollector& collector) {
  if (!settings.enabled()) return std::unique_ptr<sink::otlp::Exporter>();
  const auto counts = std::make_shared<sink::otlp::Counts>();
  collector.also([counts](sink::MetricSet& set) { sink::otlp::add_counts(set, *counts); });
  return sink::otlp::Exporter::start(settings, counts, [&collector] { return collector.gather().families; });
}

OtlpFeed::OtlpFeed(Pipeline& pipeline, sink::otlp::Exporter* exporter) : exporter_(exporter) {
  if (!exporter_) return;
  pipeline.on_request([this, &pipeline](const request::Request& request, const attribution::Budget& budget) {
    exporter_->add(request, budget, [&] { return pipeline.aggregate().route_of(request.path); });
  });
}

void OtlpFeed::follow(const wire::Facts& facts) {
  if (!exporter_) return;
  const auto start = static_cast<std::int64_t>(facts.start_ns) + facts.realtime_offset_ns;
  exporter_->follow({facts.comm, facts.pids.empty() ? 0 : facts.pids.front(),
                     facts.listening.empty() ? std::string() : facts.listening.front(),
                     static_cast<std::uint64_t>(start)});
}

}  // namespace plateau::app
