// A scrape's families as OpenTelemetry's metrics.
#pragma once

#include <opentelemetry/proto/metrics/v1/metrics.pb.h>
#include <prometheus/metric_family.h>

#include <cstdint>
#include <vector>

namespace plateau::sink::otlp {

struct Times {
  std::uint64_t start_unix_ns = 0;  // since when counters and histograms count
  std::uint64_t now_unix_ns = 0;
};

// Names and labels are those of /metrics, but for what OpenTelemetry's convention names:
// http.server.request.duration, and attributes http.…. Counters are monotonic cumulative sums, histograms
// cumulative with explicit bounds.
void add_metrics(opentelemetry::proto::metrics::v1::ScopeMetrics& to,
                 const std::vector<prometheus::MetricFamily>& families, const Times& times);

std::uint64_t data_points(const opentelemetry::proto::metrics::v1::ScopeMetrics& metrics);

}  // namespace plateau::sink::otlp
