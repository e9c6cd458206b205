// A snapshot's metrics over OTLP are those of the exposition.
#include "sink/otlp/metrics_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <string>

#include "examples.h"
#include "sink/metrics.h"
#include "sink/otlp/resource.h"

namespace plateau::sink::otlp {
namespace {

using namespace opentelemetry::proto::metrics::v1;
using Point = std::map<std::string, std::string>;  // attributes
using Series = std::map<std::pair<std::string, Point>, double>;
using testing::Contains;
using testing::Pair;

constexpr Times kTimes{1'000, 2'000};

std::vector<prometheus::MetricFamily> example_families() {
  MetricsSnapshot snapshot{full_summary(), {{4711, true}}};
  LockLedger ledger;
  return metrics_of(snapshot, ledger.update(snapshot.summary.locks), 3);
}

ScopeMetrics example_metrics() {
  ScopeMetrics metrics;
  add_metrics(metrics, example_families(), kTimes);
  return metrics;
}

template <class Repeated>
Point attributes_of(const Repeated& attributes) {
  Point point;
  for (const auto& a : attributes)
    point[a.key()] =
        a.value().has_int_value() ? std::to_string(a.value().int_value()) : a.value().string_value();
  return point;
}

// As the exposition has them: by name and labels, histograms by their cumulative buckets.
Series from_otlp(const ScopeMetrics& metrics) {
  Series series;
  for (const auto& metric : metrics.metrics()) {
    for (const auto& p : metric.sum().data_points())
      series[{metric.name(), attributes_of(p.attributes())}] = p.as_double();
    for (const auto& p : metric.gauge().data_points())
      series[{metric.name(), attributes_of(p.attributes())}] = p.as_double();
    for (const auto& p : metric.histogram().data_points()) {
      Point labels = attributes_of(p.attributes());
      series[{metric.name() + "_count", labels}] = static_cast<double>(p.count());
      series[{metric.name() + "_sum", labels}] = p.sum();
      double below = 0;
      for (int i = 0; i < p.bucket_counts_size(); i++) {
        labels["le"] = i < p.explicit_bounds_size() ? std::to_string(p.explicit_bounds(i)) : "inf";
        series[{metric.name(), labels}] = below += static_cast<double>(p.bucket_counts(i));
      }
    }
  }
  return series;
}

std::string dotted(std::string name) {
  if (name == "http_server_request_duration_seconds") return "http.server.request.duration";
  if (name == "http_request_method") return "http.request.method";
  if (name == "http_route") return "http.route";
  return name == "http_response_status_code" ? "http.response.status_code" : name;
}

Series from_families(const std::vector<prometheus::MetricFamily>& families) {
  Series series;
  for (const auto& family : families)
    for (const auto& sample : family.metric) {
      const std::string name = dotted(family.name);
      Point labels;
      for (const auto& label : sample.label) labels[dotted(label.name)] = label.value;
      if (family.type == prometheus::MetricType::Counter) series[{name, labels}] = sample.counter.value;
      if (family.type == prometheus::MetricType::Gauge) series[{name, labels}] = sample.gauge.value;
      if (family.type != prometheus::MetricType::Histogram) continue;
      series[{name + "_count", labels}] = static_cast<double>(sample.histogram.sample_count);
      series[{name + "_sum", labels}] = sample.histogram.sample_sum;
      for (const auto& bucket : sample.histogram.bucket) {
        labels["le"] = std::to_string(bucket.upper_bound);
        series[{name, labels}] = static_cast<double>(bucket.cumulative_count);
      }
    }
  return series;
}

TEST(OtlpMetrics, EqualTheExposition) {
  const auto families = example_families();
  ScopeMetrics metrics;
  add_metrics(metrics, families, kTimes);
  const Series expected = from_families(families);
  EXPECT_GT(expected.size(), 150u);
  EXPECT_EQ(from_otlp(metrics), expected);
}

TEST(OtlpMetrics, CountsDataPoints) {
  std::size_t samples = 0;
  for (const auto& family : example_families()) samples += family.metric.size();
  EXPECT_EQ(data_points(example_metrics()), samples);
}

TEST(OtlpMetrics, AreCumulativeSinceTheAttach) {
  const ScopeMetrics metrics = example_metrics();
  for (const auto& metric : metrics.metrics()) {
    if (metric.has_gauge()) continue;
    const auto temporality = metric.has_sum() ? metric.sum().aggregation_temporality()
                                              : metric.histogram().aggregation_temporality();
    EXPECT_EQ(temporality, AGGREGATION_TEMPORALITY_CUMULATIVE) << metric.name();
    EXPECT_TRUE(metric.has_histogram() || metric.sum().is_monotonic()) << metric.name();
    for (const auto& point : metric.sum().data_points()) {
      EXPECT_EQ(point.start_time_unix_nano(), kTimes.start_unix_ns);
      EXPECT_EQ(point.time_unix_nano(), kTimes.now_unix_ns);
    }
    for (const auto& point : metric.histogram().data_points()) {
      EXPECT_EQ(point.start_time_unix_nano(), kTimes.start_unix_ns);
      EXPECT_EQ(point.bucket_counts_size(), point.explicit_bounds_size() + 1);
    }
  }
}

TEST(OtlpMetrics, HaveUnits) {
  std::map<std::string, std::string> units;
  const ScopeMetrics metrics = example_metrics();
  for (const auto& metric : metrics.metrics()) units[metric.name()] = metric.unit();
  EXPECT_EQ(units.at("http.server.request.duration"), "s");
  EXPECT_EQ(units.at("plateau_request_stage_seconds_total"), "s");
  EXPECT_EQ(units.at("plateau_response_bytes_total"), "By");
  EXPECT_EQ(units.at("plateau_coverage_ratio"), "1");
  EXPECT_EQ(units.at("plateau_requests_total"), "");
}

TEST(OtlpResource, NamesTheService) {
  const Target target{"bank", 4711, "0.0.0.0:8080", 0};
  const auto names = [&](const Settings& settings) {
    return attributes_of(resource_of(target, "host", settings).attributes());
  };
  EXPECT_EQ(names({}), (Point{{"service.name", "bank"},
                              {"service.instance.id", "host:8080"},
                              {"host.name", "host"},
                              {"process.executable.name", "bank"},
                              {"process.pid", "4711"}}));
  const Settings settings{.service_name = "shop",
                          .attributes = {{"host.name", "other"}, {"deployment.environment.name", "test"}}};
  EXPECT_THAT(names(settings),
              testing::IsSupersetOf({std::pair<const std::string, std::string>("service.name", "shop"),
                                     {"host.name", "other"},
                                     {"deployment.environment.name", "test"}}));
}

}  // namespace
}  // namespace plateau::sink::otlp
