#include "sink/metric_set.h"

#include <gtest/gtest.h>

#include <limits>

#include "exposition.h"

namespace plateau::sink {
namespace {

TEST(MetricSet, EscapesLabelValues) {
  MetricSet set;
  set.add(Metric::request_bytes, 1, {R"(/a"b\c)"});
  const auto samples = samples_of(set.families());
  EXPECT_EQ(samples.at(R"(plateau_request_bytes_total{http_route="/a\"b\\c"})"), 1);
}

TEST(MetricSet, LetsNoLineBreakOrForeignByteIntoALabel) {
  MetricSet set;
  set.add(Metric::request_bytes, 1, {"/a\nplateau_build_info 7\r\t\x01\x7f\xff\xc3\xa4"});
  const auto samples = samples_of(set.families());
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples.begin()->first,
            R"(plateau_request_bytes_total{http_route="/a?plateau_build_info 7???????"})");
}

TEST(MetricSet, CutsLongLabelValuesAndAddsUpWhatBecomesEqual) {
  MetricSet set;
  const std::string name(kMaxLabelValue, 'x');
  set.add(Metric::request_bytes, 1, {name + "1"});
  set.add(Metric::request_bytes, 2, {name + "2"});
  const auto samples = samples_of(set.families());
  EXPECT_EQ(samples.at("plateau_request_bytes_total{http_route=\"" + name + "\"}"), 3);
}

TEST(MetricSet, LeavesEmptyLabelsOut) {
  MetricSet set;
  set.add(Metric::lock_waits, 4, {"other", "", ""});
  set.add(Metric::lock_waits, 5, {"0x10", "1"});
  const auto samples = samples_of(set.families());
  EXPECT_EQ(samples.at(R"(plateau_lock_waits_total{lock="other"})"), 4);
  EXPECT_EQ(samples.at(R"(plateau_lock_waits_total{lock="0x10",pid="1"})"), 5);
}

TEST(MetricSet, KeepsTheFirstOfEqualGauges) {
  MetricSet set;
  set.add(Metric::ceiling, 100, {"lock", "f"});
  set.add(Metric::ceiling, 200, {"lock", "f"});
  EXPECT_EQ(
      samples_of(set.families()).at(R"(plateau_ceiling_requests_per_second{resource="lock",holder="f"})"),
      100);
}

TEST(MetricSet, AddsUpEqualHistograms) {
  MetricSet set;
  const double inf = std::numeric_limits<double>::infinity();
  set.add(Metric::request_duration, {3, 0.5, {{1, 0.1}, {3, inf}}}, {"GET", "/", "200"});
  set.add(Metric::request_duration, {2, 0.25, {{2, 0.1}, {2, inf}}}, {"GET", "/", "200"});
  const auto samples = samples_of(set.families());
  const std::string labels = R"({http_request_method="GET",http_route="/",http_response_status_code="200")";
  EXPECT_EQ(samples.at("http_server_request_duration_seconds_count" + labels + "}"), 5);
  EXPECT_EQ(samples.at("http_server_request_duration_seconds_sum" + labels + "}"), 0.75);
  EXPECT_EQ(samples.at("http_server_request_duration_seconds_bucket" + labels + R"(,le="0.1"})"), 3);
  EXPECT_EQ(samples.at("http_server_request_duration_seconds_bucket" + labels + R"(,le="+Inf"})"), 5);
}

TEST(MetricSet, LeavesOutMetricsWithoutSamples) {
  MetricSet set;
  set.add(Metric::build_info, 1, {"0.1.0"});
  const auto families = set.families();
  ASSERT_EQ(families.size(), 1u);
  EXPECT_EQ(families[0].name, "plateau_build_info");
}

}  // namespace
}  // namespace plateau::sink
