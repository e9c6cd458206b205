#include "sink/otlp/metrics_message.h"

#include <charconv>
#include <string>
#include <string_view>

#include "sink/metric_table.h"
#include "sink/otlp/attributes.h"

namespace plateau::sink::otlp {
namespace {

using namespace opentelemetry::proto::metrics::v1;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

std::string name_of(const MetricFamily& family) {
  return family.name == info(Metric::request_duration).name ? "http.server.request.duration" : family.name;
}

std::string_view unit_of(std::string_view name) {
  if (name.ends_with("_total")) name.remove_suffix(6);
  if (name.ends_with("_seconds")) return "s";
  if (name.ends_with("_bytes")) return "By";
  return name.ends_with("_ratio") ? "1" : "";
}

std::string attribute_name(std::string_view label) {
  if (label == "http_request_method") return "http.request.method";
  if (label == "http_route") return "http.route";
  if (label == "http_response_status_code") return "http.response.status_code";
  return std::string(label);
}

void add_attributes(Attributes& to, const ClientMetric& sample) {
  for (const auto& label : sample.label) {
    std::uint64_t status = 0;
    const char* const end = label.value.data() + label.value.size();
    const bool number = label.name == "http_response_status_code" &&
                        std::from_chars(label.value.data(), end, status).ptr == end && !label.value.empty();
    if (number)
      add_number(to, attribute_name(label.name), status);
    else
      add_text(to, attribute_name(label.name), label.value);
  }
}

template <class Point>
Point& begin_point(Point& point, const ClientMetric& sample, const Times& times) {
  point.set_time_unix_nano(times.now_unix_ns);
  add_attributes(*point.mutable_attributes(), sample);
  return point;
}

// Prometheus' buckets hold all that lies below their bounds, OpenTelemetry's what lies between two.
void add_histogram(Histogram& to, const ClientMetric& sample, const Times& times) {
  HistogramDataPoint& point = begin_point(*to.add_data_points(), sample, times);
  point.set_start_time_unix_nano(times.start_unix_ns);
  point.set_count(sample.histogram.sample_count);
  point.set_sum(sample.histogram.sample_sum);
  std::uint64_t below = 0;
  const auto& buckets = sample.histogram.bucket;
  for (std::size_t i = 0; i < buckets.size(); i++) {
    point.add_bucket_counts(buckets[i].cumulative_count - below);
    below = buckets[i].cumulative_count;
    if (i + 1 < buckets.size()) point.add_explicit_bounds(buckets[i].upper_bound);  // the last has none
  }
}

void add_samples(opentelemetry::proto::metrics::v1::Metric& metric, const MetricFamily& family,
                 const Times& times) {
  if (family.type == MetricType::Histogram)
    metric.mutable_histogram()->set_aggregation_temporality(AGGREGATION_TEMPORALITY_CUMULATIVE);
  if (family.type == MetricType::Counter) {
    metric.mutable_sum()->set_aggregation_temporality(AGGREGATION_TEMPORALITY_CUMULATIVE);
    metric.mutable_sum()->set_is_monotonic(true);
  }
  for (const auto& sample : family.metric) {
    if (family.type == MetricType::Histogram) {
      add_histogram(*metric.mutable_histogram(), sample, times);
    } else if (family.type == MetricType::Counter) {
      auto& point = begin_point(*metric.mutable_sum()->add_data_points(), sample, times);
      point.set_start_time_unix_nano(times.start_unix_ns);
      point.set_as_double(sample.counter.value);
    } else {
      begin_point(*metric.mutable_gauge()->add_data_points(), sample, times)
          .set_as_double(sample.gauge.value);
    }
  }
}

}  // namespace

void add_metrics(ScopeMetrics& to, const std::vector<MetricFamily>& families, const Times& times) {
  for (const auto& family : families) {
    auto& metric = *to.add_metrics();
    metric.set_name(name_of(family));
    metric.set_description(family.help);
    metric.set_unit(std::string(unit_of(family.name)));
    add_samples(metric, family, times);
  }
}

std::uint64_t data_points(const ScopeMetrics& metrics) {
  int points = 0;
  for (const auto& metric : metrics.metrics())
    points += metric.sum().data_points_size() + metric.gauge().data_points_size() +
              metric.histogram().data_points_size();
  return static_cast<std::uint64_t>(points);
}

}  // namespace plateau::sink::otlp
