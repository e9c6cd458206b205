// docs/metrics.md and the table in the code say the same.
#include "sink/metric_table.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace plateau::sink {
namespace {

std::string type_name(prometheus::MetricType type) {
  if (type == prometheus::MetricType::Counter) return "counter";
  if (type == prometheus::MetricType::Gauge) return "gauge";
  return type == prometheus::MetricType::Histogram ? "histogram" : "?";
}

// Name to "type | labels | meaning".
std::map<std::string, std::string> rows_in_code() {
  std::map<std::string, std::string> rows;
  for (const auto& row : metric_table()) {
    std::string labels;
    for (const auto label : row.labels)
      if (!label.empty()) labels += (labels.empty() ? "`" : ", `") + std::string(label) + "`";
    rows[std::string(row.name)] =
        type_name(row.type) + " | " + (labels.empty() ? "–" : labels) + " | " + std::string(row.help);
  }
  return rows;
}

std::map<std::string, std::string> rows_in_docs() {
  std::map<std::string, std::string> rows;
  std::ifstream in(PLATEAU_SOURCE_DIR "/docs/metrics.md");
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("| `") || !line.ends_with(" |")) continue;
    const std::size_t end = line.find('`', 3);
    const std::size_t rest = line.find("| ", end) + 2;
    rows[line.substr(3, end - 3)] = line.substr(rest, line.size() - rest - 2);
  }
  return rows;
}

TEST(MetricTable, IsTheOneInTheDocumentation) {
  const auto docs = rows_in_docs();
  ASSERT_GT(docs.size(), 10u) << "no table in docs/metrics.md";
  for (const auto& [name, row] : rows_in_code()) {
    ASSERT_TRUE(docs.contains(name)) << name << " is not in docs/metrics.md";
    EXPECT_EQ(docs.at(name), row) << name;
  }
}

TEST(MetricTable, HoldsWhatTheDocumentationPromises) {
  const auto code = rows_in_code();
  for (const auto& [name, row] : rows_in_docs())
    EXPECT_TRUE(code.contains(name)) << name << " is not exported";
}

TEST(MetricTable, NamesEachMetricOnce) {
  EXPECT_EQ(rows_in_code().size(), kMetrics);
}

TEST(MetricTable, IsInTheOrderOfTheEnumeration) {
  EXPECT_EQ(info(Metric::request_duration).name, "http_server_request_duration_seconds");
  EXPECT_EQ(info(Metric::lock_wait_seconds).name, "plateau_lock_wait_seconds_total");
  EXPECT_EQ(info(Metric::coverage).name, "plateau_coverage_ratio");
  EXPECT_EQ(info(Metric::probe_seconds).name, "plateau_probe_seconds_per_request");
  EXPECT_EQ(info(Metric::build_info).name, "plateau_build_info");
}

}  // namespace
}  // namespace plateau::sink
