#include "load/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace plateau::load {
namespace {

Options options() {
  Options made;
  made.url_text = "http://a/";
  return made;
}

Tally sample() {
  Tally tally;
  tally.steps.resize(1);
  Counts& counts = tally.steps.front().counts;
  for (int i = 0; i < 9; ++i) counts.latency_ns.record(100);
  counts.latency_ns.record(200);
  counts.sent = 12;
  counts.answered = 10;
  counts.status_class[2] = 9;
  counts.status_class[5] = 1;
  counts.count(ErrorKind::timeout);
  counts.count(ErrorKind::timeout);
  tally.start_ns = 1'000'000'000;
  tally.end_ns = 3'000'000'000;
  return tally;
}

TEST(Report, JsonHoldsTheFigures) {
  const nlohmann::json json = nlohmann::json::parse(json_report(options(), sample()));
  EXPECT_EQ(json["sent"], 12);
  EXPECT_EQ(json["answered"], 10);
  EXPECT_EQ(json["throughput"], 5.0);
  EXPECT_EQ(json["seconds"], 2.0);
  EXPECT_EQ(json["loop"], "closed");
  EXPECT_EQ(json["rate"], 0.0);
  EXPECT_EQ(json["latency_ns"]["p50"], 100);
  EXPECT_EQ(json["latency_ns"]["p99.9"], 200);
  EXPECT_EQ(json["latency_ns"]["max"], 200);
  EXPECT_EQ(json["latency_ns"]["mean"], 110.0);
  EXPECT_EQ(json["errors"]["timeout"], 2);
  EXPECT_EQ(json["errors"]["connect"], 0);
  EXPECT_EQ(json["mismatches"]["body"], 0);
  EXPECT_EQ(json["status"]["5xx"], 1);
  EXPECT_TRUE(json["tls"].is_null());
  EXPECT_TRUE(json["steps"].is_array() && json["steps"].empty());
}

TEST(Report, JsonHasABlockForEachStep) {
  Options asked = options();
  asked.rates = {100, 300};
  asked.step_ns = 2'000'000'000;
  Tally tally = sample();
  tally.steps.push_back(tally.steps.front());
  StepTally& last = tally.steps.back();
  last.rate = 300;
  last.start_ns = 3'000'000'000;
  last.end_ns = 5'000'000'000;
  last.planned = 600;
  last.in_window = 500;
  last.counts.latency_ns.record(1'000);
  const nlohmann::json json = nlohmann::json::parse(json_report(asked, tally));
  EXPECT_EQ(json["loop"], "open");
  EXPECT_EQ(json["rate"], 200.0);
  EXPECT_EQ(json["answered"], 20);
  EXPECT_EQ(json["latency_ns"]["max"], 1'000);
  ASSERT_EQ(json["steps"].size(), 2u);
  EXPECT_EQ(json["steps"][0]["latency_ns"]["max"], 200);
  EXPECT_EQ(json["steps"][1]["rate"], 300.0);
  EXPECT_EQ(json["steps"][1]["planned"], 600);
  EXPECT_EQ(json["steps"][1]["throughput"], 250.0);
  EXPECT_EQ(json["steps"][1]["latency_ns"]["max"], 1'000);
  EXPECT_EQ(json["steps"][1]["errors"]["timeout"], 2);
}

TEST(Report, JsonHoldsTheHandshakes) {
  Options asked = options();
  asked.url.tls = true;
  Tally tally = sample();
  tally.handshakes_full = 3;
  tally.handshakes_resumed = 7;
  tally.handshake_ns.record(50);
  const nlohmann::json json = nlohmann::json::parse(json_report(asked, tally));
  EXPECT_EQ(json["tls"]["full"], 3);
  EXPECT_EQ(json["tls"]["resumed"], 7);
  EXPECT_EQ(json["tls"]["handshake_ns"]["p50"], 50);
  EXPECT_NE(text_report(asked, tally).find("3 full and 7 resumed"), std::string::npos);
}

TEST(Report, TextNamesErrorsAndThroughput) {
  const std::string text = text_report(options(), sample());
  EXPECT_NE(text.find("answered 10 of 12 in 2.000 s: 5.0 requests/s"), std::string::npos) << text;
  EXPECT_NE(text.find("timeout: 2"), std::string::npos) << text;
  EXPECT_EQ(text.find("connect"), text.find("connections")) << text;
}

TEST(Report, FailureLineNamesErrorsMismatchesAndAnOverrunPlan) {
  Tally tally;
  tally.steps.resize(1);
  EXPECT_EQ(failure_line(options(), tally), "");
  tally.unsent = 5;
  EXPECT_EQ(failure_line(options(), tally), "");
  Options open = options();
  open.rates = {100};
  EXPECT_NE(failure_line(open, tally).find("5 planned but never sent"), std::string::npos);
  tally.interrupted = true;
  EXPECT_EQ(failure_line(open, tally), "");
  tally.steps.front().counts.count(ErrorKind::reset);
  EXPECT_EQ(failure_line(options(), tally), "1 requests failed: 1 reset");
  tally.steps.front().counts.count(Mismatch::status);
  tally.first_mismatch = "GET / answered 503 where 200 was expected";
  EXPECT_EQ(failure_line(options(), tally),
            "2 requests failed: 1 reset, 1 status not as expected; first: GET / answered 503 where 200 was "
            "expected");
}

TEST(Report, ProgressIsOneLine) {
  Live live;
  live.answered = 200;
  live.errors = 3;
  EXPECT_EQ(progress_line(live, 1'000'000'000, 3'000'000'000), "2 s: 200 answered, 100/s, 3 errors");
  live.mismatches = 1;
  EXPECT_EQ(progress_line(live, 1'000'000'000, 3'000'000'000),
            "2 s: 200 answered, 100/s, 3 errors, 1 mismatches");
}

TEST(Tally, MergesThreads) {
  Tally one = sample();
  Tally other = sample();
  other.start_ns = 2'000'000'000;
  other.end_ns = 4'000'000'000;
  other.steps.front().in_window = 4;
  other.handshakes_full = 2;
  other.first_mismatch = "x";
  one.merge(other);
  EXPECT_EQ(one.total().answered, 20u);
  EXPECT_EQ(one.total().error_count(), 4u);
  EXPECT_EQ(one.total().latency_ns.count(), 20u);
  EXPECT_EQ(one.steps.front().in_window, 4u);
  EXPECT_EQ(one.handshakes_full, 2u);
  EXPECT_EQ(one.seconds(), 3.0);
  EXPECT_EQ(one.first_mismatch, "x");
}

}  // namespace
}  // namespace plateau::load
