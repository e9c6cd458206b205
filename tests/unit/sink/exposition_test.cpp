#include "sink/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <limits>

#include "attribution/aggregate.h"
#include "examples.h"
#include "sink/metrics.h"

namespace plateau::sink {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

prometheus::MetricFamily family(const std::string& name, prometheus::MetricType type, double value) {
  prometheus::ClientMetric sample;
  sample.counter.value = sample.gauge.value = value;
  sample.label = {{"a", "x\"y\\z\nw"}};
  return {name, "It is \\ so.", type, {sample}};
}

TEST(Exposition, WritesCounters) {
  const Scrape scrape{{family("p_seconds_total", prometheus::MetricType::Counter, 0.1)}, {}};
  EXPECT_EQ(write_exposition(scrape, Exposition::text),
            "# HELP p_seconds_total It is \\\\ so.\n# TYPE p_seconds_total counter\n"
            "p_seconds_total{a=\"x\\\"y\\\\z\\nw\"} 0.1\n");
  EXPECT_EQ(write_exposition(scrape, Exposition::openmetrics),
            "# HELP p_seconds It is \\\\ so.\n# TYPE p_seconds counter\n# UNIT p_seconds seconds\n"
            "p_seconds_total{a=\"x\\\"y\\\\z\\nw\"} 0.1\n# EOF\n");
}

TEST(Exposition, WritesNumbersThatReadBackAsTheyWere) {
  for (const double value : {0.0, 1e-300, 0.1, 1.0 / 3, 123456789012345680.0, 1e300}) {
    const std::string text =
        write_exposition({{family("p", prometheus::MetricType::Gauge, value)}, {}}, Exposition::text);
    EXPECT_EQ(std::stod(text.substr(text.rfind(' '))), value) << text;
  }
  const auto infinite = family("p", prometheus::MetricType::Gauge, -std::numeric_limits<double>::infinity());
  EXPECT_THAT(write_exposition({{infinite}, {}}, Exposition::text), EndsWith(" -Inf\n"));
}

// A request of the trace 0102…10 that took 200 us and ended at 1.0002 s, by a clock that is 5 s behind.
Scrape scrape_with_trace(bool keep) {
  attribution::Aggregate aggregate({.traces = keep});
  request::Request request = example_request("/a", 200);
  for (std::size_t i = 0; i < request.trace.trace.size(); i++)
    request.trace.trace[i] = static_cast<std::uint8_t>(i + 1);
  aggregate.add(request, attribution::budget_of(request));
  auto summary = example_summary(aggregate);
  summary.facts.realtime_offset_ns = 5'000'000'000;
  return scrape_of({summary, {}}, {}, 0);
}

TEST(Exposition, ShowsExemplarsToOpenMetricsAlone) {
  const std::string text = write_exposition(scrape_with_trace(true), Exposition::openmetrics);
  EXPECT_THAT(
      text,
      HasSubstr("http_server_request_duration_seconds_bucket{http_request_method=\"GET\",http_route=\"/a\","
                "http_response_status_code=\"200\",le=\"0.00025\"} 1 # "
                "{trace_id=\"0102030405060708090a0b0c0d0e0f10\"} 0.0002 6.000\n"));
  EXPECT_EQ(text.find("trace_id", text.find("trace_id") + 1), std::string::npos) << "once";
  EXPECT_THAT(write_exposition(scrape_with_trace(true), Exposition::text), Not(HasSubstr("trace_id")));
}

TEST(Exposition, KeepsNoTraceThatWasNotAskedFor) {
  EXPECT_THAT(write_exposition(scrape_with_trace(false), Exposition::openmetrics),
              Not(HasSubstr("trace_id")));
}

#if !defined(PLATEAU_SANITIZE_ADDRESS) && !defined(PLATEAU_SANITIZE_THREAD)
// CPU time of one scrape: the best of several, since others use the machine too.
TEST(Exposition, WritesTenThousandSeriesInFiftyMilliseconds) {
  attribution::Aggregate aggregate({.routes = 1'000});
  for (int route = 0; route < 190; route++)
    for (const int status : {200, 404}) {
      const auto request = example_request(
          "/group" + std::to_string(route / 20) + "x/place" + std::to_string(route) + "x", status);
      aggregate.add(request, attribution::budget_of(request));
    }
  const auto snapshot =
      std::make_shared<const MetricsSnapshot>(MetricsSnapshot{example_summary(aggregate), {}});
  const MetricsCollector collector([snapshot] { return snapshot; });
  double best_s = 1e9;
  std::string text;
  for (int i = 0; i < 7; i++) {
    const std::clock_t start = std::clock();
    text = write_exposition(collector.scrape(), Exposition::openmetrics);
    best_s = std::min(best_s, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  EXPECT_GE(std::count(text.begin(), text.end(), '\n'), 10'000);
  EXPECT_LT(best_s, 0.05);
}
#endif

}  // namespace
}  // namespace plateau::sink
