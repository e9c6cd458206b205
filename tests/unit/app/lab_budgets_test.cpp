#include "app/lab/budgets.h"

#include <gtest/gtest.h>

namespace plateau::app::lab {
namespace {

Rung sleeping() {
  Rung rung;
  Planted planted;
  planted.stage = "sleep";
  planted.truth = "nap";
  rung.plants = {planted};
  return rung;
}

CauseRun run_of(double sleep, double cpu, double nap) {
  CauseRun run;
  run.budgets = {{"sleep", {sleep, sleep, 1e9}}, {"cpu", {cpu, cpu, cpu}}};
  run.truth = {{"nap", {nap, nap, nap}}};
  return run;
}

TEST(Cause, WhatWasPlantedAndSeenIsOk) {
  const auto rows = judge_cause(sleeping(), run_of(0, 10e3, 0), run_of(2.0e6, 11e3, 2.05e6));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].planted_ns, 2.05e6);
  EXPECT_EQ(rows[0].risen_ns, 2.0e6);
  EXPECT_TRUE(rows[0].ok);
  EXPECT_EQ(rows[0].other, "cpu");
  EXPECT_TRUE(rows[0].other_ok);
}

TEST(Cause, MoreThanFivePercentAndTwentyMicrosecondsAwayIsMissed) {
  EXPECT_FALSE(judge_cause(sleeping(), run_of(0, 0, 0), run_of(1.8e6, 0, 2e6))[0].ok);
  EXPECT_TRUE(judge_cause(sleeping(), run_of(0, 0, 0), run_of(81e3, 0, 100e3))[0].ok);
  EXPECT_FALSE(judge_cause(sleeping(), run_of(0, 0, 0), run_of(79e3, 0, 100e3))[0].ok);
}

TEST(Cause, RequestsThatWereNotSeenAreMissed) {
  CauseRun on = run_of(2e6, 0, 2e6);
  on.truth["nap"] = {2e6, 2e6, 2e6, 2e6};
  EXPECT_FALSE(judge_cause(sleeping(), run_of(0, 0, 0), on)[0].ok);
}

TEST(Cause, NothingPlantedIsMissed) {
  EXPECT_FALSE(judge_cause(sleeping(), run_of(0, 0, 0), run_of(0, 0, 0))[0].ok);
}

TEST(Cause, AnotherStageThatMovesByMoreThanATenthIsMissed) {
  Rung rung = sleeping();
  EXPECT_FALSE(judge_cause(rung, run_of(0, 0, 0), run_of(1e6, 0.11e6, 1e6))[0].other_ok);
  EXPECT_FALSE(judge_cause(rung, run_of(0, 0.11e6, 0), run_of(1e6, 0, 1e6))[0].other_ok);
  rung.spills = {"cpu"};
  EXPECT_TRUE(judge_cause(rung, run_of(0, 0, 0), run_of(1e6, 0.11e6, 1e6))[0].other_ok);
}

TEST(Cause, MeansAreOfAllRequests) {
  Rung rung = sleeping();
  rung.mean = true;
  const CauseRun off = run_of(0, 0, 0);
  CauseRun on;
  on.budgets = {{"sleep", {1e9, 1e9, 1e9 + 3e6}}};
  on.truth = {{"nap", {0, 0, 1e9 / 3}}};
  EXPECT_NEAR(judge_cause(rung, off, on)[0].planted_ns, 1e9 / 9, 1);
  on.truth = {{"nap", {0, 0, 2e6}}};
  on.budgets = {{"sleep", {1e9 / 3, 1e9 / 3, 1e9 / 3 + 2e6}}};
  EXPECT_NEAR(judge_cause(rung, off, on)[0].risen_ns, 2e6 / 3, 1);
}

TEST(Cause, ASpanMayCoverSeveralStages) {
  Rung rung = sleeping();
  rung.plants[0].with = {"cpu"};
  const auto row = judge_cause(rung, run_of(0, 0, 0), run_of(1e6, 0.5e6, 1.5e6))[0];
  EXPECT_EQ(row.stage, "sleep + cpu");
  EXPECT_EQ(row.risen_ns, 1.5e6);
  EXPECT_TRUE(row.ok && row.other_ok);
}

TEST(Budgets, AreReadFromRequestsAndTruth) {
  Budgets budgets;
  const std::string head = R"({"local":"127.0.0.1:81","stages":)";
  ASSERT_TRUE(add_request(head + R"({"cpu":7,"sleep":5}})", 81, budgets));
  ASSERT_TRUE(add_request(head + "null}", 81, budgets));
  ASSERT_TRUE(add_request(R"({"local":"127.0.0.1:5081","stages":{"sleep":9}})", 81, budgets));
  EXPECT_EQ(budgets["sleep"], std::vector<double>{5});
  EXPECT_FALSE(add_request("{", 81, budgets));
  Budgets truth;
  ASSERT_TRUE(add_truth(R"({"seq":0,"stages":{}})", truth));
  ASSERT_TRUE(add_truth(R"({"seq":1,"stages":{"nap":[100,130]}})", truth));
  ASSERT_TRUE(add_truth(R"({"seq":2,"stages":{}})", truth));
  EXPECT_EQ(truth["nap"].size(), 3u);
  EXPECT_EQ(truth["nap"][1] + truth["nap"][0] + truth["nap"][2], 30);
  EXPECT_FALSE(add_truth("[]", truth));
}

}  // namespace
}  // namespace plateau::app::lab
