#include "sink/what_if.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace plateau::sink {
namespace {

using model::FixKind;
using model::Outcome;
using model::Outlook;
using model::Prediction;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Prediction prediction(double throughput, double p50, const std::string& bottleneck) {
  Prediction p;
  p.throughput = {throughput, throughput * 0.9, throughput * 1.1};
  p.p50 = p50;
  p.p99 = 2 * p50;
  p.bottleneck = bottleneck;
  return p;
}

Outcome outcome(FixKind kind, const std::string& resource, unsigned count, double gain) {
  Outcome o;
  o.fix = {kind, resource, 0.5, count};
  o.what = model::describe(o.fix);
  o.gain = gain;
  o.prediction = prediction(3000 * (1 + gain), 0.13 / (1 + gain), gain > 1 ? "load" : "lock 0x1000");
  o.evidence = {"lock 0x1000: hand-overs"};
  return o;
}

Outlook example() {
  Outlook outlook;
  outlook.today = prediction(3000, 0.13, "lock 0x1000");
  outlook.throughput_error = 0.012;
  outlook.p50_error = 0.034567;
  outlook.outcomes = {outcome(FixKind::shard_lock, "lock 0x1000", 8, 3),
                      outcome(FixKind::shorten_lock, "lock 0x1000", 0, 1),
                      outcome(FixKind::add_cpus, "", 4, 0.004), Outcome{}};
  outlook.outcomes.back().fix.kind = FixKind::avoid_copy;
  outlook.outcomes.back().what = "send the body without copying it";
  outlook.outcomes.back().missing = "what copying costs is not known; capture with --detail high";
  outlook.unknowns = {{"what copying costs", "no prediction", "capture with --detail high"},
                      {"how many clients there are", "as many as inside", "capture with others"}};
  return outlook;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(WhatIfText, ShowsWhatHelpsBesideToday) {
  const auto lines = lines_of(what_if_text(example()));
  ASSERT_EQ(lines.size(), 7u);
  EXPECT_EQ(lines[0],
            "WHAT IF (predicted by a model of the server; today's throughput reproduced within 1.2 %, p50 "
            "within 3.5 %)");
  EXPECT_THAT(lines[1], StartsWith("  FIX "));
  EXPECT_THAT(lines[2], StartsWith("  as it is "));
  EXPECT_THAT(lines[2], HasSubstr("3,000/s     2,700-3,300     130 ms     260 ms  lock 0x1000"));
  EXPECT_THAT(lines[3], StartsWith("  split lock 0x1000 into 8 "));
  EXPECT_THAT(lines[3], HasSubstr("12,000/s"));
  EXPECT_THAT(lines[3], HasSubstr("  nothing: the load"));
  EXPECT_THAT(lines[4], StartsWith("  hold lock 0x1000 for half as long "));
}

TEST(WhatIfText, SaysThatEveryMedianIsScaled) {
  Outlook outlook = example();
  EXPECT_THAT(what_if_text(outlook), Not(HasSubstr("times")));
  outlook.p50_scale = 0.8123;
  EXPECT_THAT(what_if_text(outlook),
              HasSubstr("\n  Every p50 is the model's times 0.81: it reproduces today's "
                        "mean latency, and its median so much off\n"));
  EXPECT_EQ(what_if_json(outlook)["today"]["p50_scale"], 0.8123);
}

TEST(WhatIfText, LeavesOutLatenciesThatAreNotPredicted) {
  Outlook outlook = example();
  outlook.today->tells_latency = false;
  for (Outcome& outcome : outlook.outcomes)
    if (outcome.prediction) outcome.prediction->tells_latency = false;
  const auto lines = lines_of(what_if_text(outlook));
  EXPECT_THAT(lines[2], HasSubstr("3,000/s     2,700-3,300          -          -  lock 0x1000"));
  EXPECT_THAT(what_if_text(outlook), HasSubstr("\n  Latencies are not predicted: "));
  EXPECT_TRUE(what_if_json(outlook)["outcomes"][0]["p50_ns"].is_null());
  EXPECT_EQ(what_if_json(outlook)["outcomes"][0]["throughput"], 12'000);
}

TEST(WhatIfText, FoldsWhatIsOfNoUseAndWhatIsNotKnown) {
  Outlook outlook = example();
  outlook.outcomes.insert(outlook.outcomes.begin() + 3, outcome(FixKind::add_workers, "", 32, -0.01));
  const std::string text = what_if_text(outlook);
  EXPECT_THAT(text, HasSubstr("\n  No use: run on 4 CPUs; run 32 workers\n"));
  EXPECT_THAT(text, HasSubstr("\n  Not known: what copying costs (capture with --detail high); how many "
                              "clients there are (capture with others)\n"));
  EXPECT_THAT(text, Not(HasSubstr("\n  run on 4 CPUs")));
}

TEST(WhatIfText, HasSixRowsAtTheMostAndThreeLinesOfUnknowns) {
  Outlook outlook = example();
  for (unsigned i = 0; i < 10; i++)
    outlook.outcomes.insert(outlook.outcomes.begin(), outcome(FixKind::shard_lock, "lock 0x1000", 20 - i, 5));
  for (int i = 0; i < 20; i++)
    outlook.unknowns.push_back({"something else that nobody knows yet", "", "look for a good while"});
  const auto lines = lines_of(what_if_text(outlook));
  EXPECT_EQ(lines.size(), 2u + 6 + 1 + 3);
  EXPECT_THAT(lines[8], StartsWith("  No use: "));
  EXPECT_THAT(lines[9], StartsWith("  Not known: "));
  EXPECT_THAT(lines[11], testing::EndsWith("; …"));
  for (std::size_t i = 8; i < lines.size(); i++) EXPECT_LE(lines[i].size(), 122u) << lines[i];
}

TEST(WhatIfText, ShowsNoFigureThatIsNotToBeBelieved) {
  Outlook outlook = example();
  outlook.reason = "the model makes 5/s of today's 9/s";
  outlook.outcomes.clear();
  const std::string text = what_if_text(outlook);
  EXPECT_THAT(text,
              StartsWith("WHAT IF\n  NO PREDICTION: the model makes 5/s of today's 9/s\n  Not known: "));
  EXPECT_THAT(text, Not(HasSubstr("as it is")));
}

TEST(WhatIfText, SaysWhyThereIsNoModel) {
  Outlook outlook;
  outlook.reason = "too few";
  EXPECT_EQ(what_if_text(outlook), "WHAT IF\n  No prediction: too few\n");
}

TEST(WhatIfText, SurvivesVeryLongNames) {
  Outlook outlook = example();
  outlook.outcomes[0].what = outlook.outcomes[2].what = outlook.unknowns[0].what = std::string(5000, 'n');
  outlook.today->bottleneck = std::string(5000, 'b');
  EXPECT_THAT(what_if_text(outlook), HasSubstr("  hold lock 0x1000 for half as long "));
}

TEST(WhatIfJson, HoldsTodayAndTheOutcomes) {
  const auto j = what_if_json(example());
  EXPECT_TRUE(j["reason"].is_null());
  EXPECT_EQ(j["today"]["throughput"], 3000);
  EXPECT_EQ(j["today"]["p50_ns"], 130'000'000);
  EXPECT_EQ(j["today"]["throughput_error"], 0.012);
  EXPECT_EQ(j["today"]["p50_error"], 0.0346);
  ASSERT_EQ(j["outcomes"].size(), 4u);
  const auto& split = j["outcomes"][0];
  EXPECT_EQ(split["fix"], "split lock 0x1000 into 8");
  EXPECT_EQ(split["kind"], "shard_lock");
  EXPECT_EQ(split["resource"], "lock 0x1000");
  EXPECT_EQ(split["throughput"], 12'000);
  EXPECT_EQ(split["throughput_low"], 10'800);
  EXPECT_EQ(split["throughput_high"], 13'200);
  EXPECT_EQ(split["p50_ns"], 32'500'000);
  EXPECT_EQ(split["p99_ns"], 65'000'000);
  EXPECT_EQ(split["gain"], 3);
  EXPECT_EQ(split["bottleneck"], "load");
  EXPECT_EQ(split["evidence"][0], "lock 0x1000: hand-overs");
  EXPECT_TRUE(split["missing"].is_null());
  EXPECT_EQ(j["unknowns"][0]["experiment"], "capture with --detail high");
}

TEST(WhatIfJson, HasNullsForWhatIsNotKnown) {
  const auto j = what_if_json(example());
  const auto& copy = j["outcomes"][3];
  EXPECT_EQ(copy["kind"], "avoid_copy");
  for (const char* name : {"resource", "throughput", "p50_ns", "gain", "bottleneck"})
    EXPECT_TRUE(copy[name].is_null()) << name;
  EXPECT_EQ(copy["missing"], "what copying costs is not known; capture with --detail high");
  Outlook none;
  none.reason = "too few";
  EXPECT_EQ(what_if_json(none)["reason"], "too few");
  EXPECT_TRUE(what_if_json(none)["today"].is_null());
  EXPECT_TRUE(what_if_json(none)["outcomes"].empty());
}

}  // namespace
}  // namespace plateau::sink
