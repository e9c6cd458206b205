// Metrics as a scraper reads them: Prometheus' text format 0.0.4, or OpenMetrics 1.0.0, in which alone
// histograms carry exemplars. Pure.
#pragma once

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace plateau::sink {

enum class Exposition : std::uint8_t { text, openmetrics };

// A request that fell into a histogram's bucket.
struct Exemplar {
  std::string trace_id;  // 32 hexadecimal digits; empty: there is none
  double value = 0;
  double unix_s = 0;
};
// By a sample's labels, one for each bucket, of the one family that has them.
using Exemplars = std::map<std::vector<prometheus::ClientMetric::Label>, std::vector<Exemplar>>;

struct Scrape {
  std::vector<prometheus::MetricFamily> families;
  Exemplars exemplars;  // of http_server_request_duration_seconds
};

std::string_view content_type(Exposition format);

// Numbers are written so that they read back as they were; bounds of buckets alike in both formats.
std::string write_exposition(const Scrape& scrape, Exposition format);

}  // namespace plateau::sink
