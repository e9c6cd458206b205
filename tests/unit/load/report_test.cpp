#include "load/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace plateau::load {
namespace {

Tally sample() {
  Tally tally;
  for (int i = 0; i < 9; ++i) tally.latency_ns.record(100);
  tally.latency_ns.record(200);
  tally.sent = 12;
  tally.answered = 10;
  tally.status_class[2] = 9;
  tally.status_class[5] = 1;
  tally.count(ErrorKind::timeout);
  tally.count(ErrorKind::timeout);
  tally.start_ns = 1'000'000'000;
  tally.end_ns = 3'000'000'000;
  return tally;
}

TEST(Report, JsonHoldsTheFigures) {
  Options options;
  options.url_text = "http://a/";
  const nlohmann::json json = nlohmann::json::parse(json_report(options, sample()));
  EXPECT_EQ(json["sent"], 12);
  EXPECT_EQ(json["answered"], 10);
  EXPECT_EQ(json["throughput"], 5.0);
  EXPECT_EQ(json["seconds"], 2.0);
  EXPECT_EQ(json["loop"], "closed");
  EXPECT_EQ(json["latency_ns"]["p50"], 100);
  EXPECT_EQ(json["latency_ns"]["p99.9"], 200);
  EXPECT_EQ(json["latency_ns"]["max"], 200);
  EXPECT_EQ(json["latency_ns"]["mean"], 110.0);
  EXPECT_EQ(json["errors"]["timeout"], 2);
  EXPECT_EQ(json["errors"]["connect"], 0);
  EXPECT_EQ(json["status"]["5xx"], 1);
}

TEST(Report, TextNamesErrorsAndThroughput) {
  Options options;
  options.url_text = "http://a/";
  const std::string text = text_report(options, sample());
  EXPECT_NE(text.find("answered 10 of 12 in 2.000 s: 5.0 requests/s"), std::string::npos) << text;
  EXPECT_NE(text.find("timeout: 2"), std::string::npos) << text;
  EXPECT_EQ(text.find("connect"), text.find("connections")) << text;
}

TEST(Report, IncompleteMeansErrorsOrAnOverrunPlan) {
  Options closed;
  Tally tally;
  EXPECT_FALSE(incomplete(closed, tally));
  tally.unsent = 5;
  EXPECT_FALSE(incomplete(closed, tally));
  Options open;
  open.rate = 100;
  EXPECT_TRUE(incomplete(open, tally));
  tally.interrupted = true;
  EXPECT_FALSE(incomplete(open, tally));
  tally.count(ErrorKind::reset);
  EXPECT_TRUE(incomplete(closed, tally));
}

}  // namespace
}  // namespace plateau::load
