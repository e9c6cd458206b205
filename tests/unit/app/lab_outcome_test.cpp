#include "app/lab/outcome.h"

#include <gmock/gmock.h>

#include <map>

#include "lab_outcome_fixture.h"

namespace plateau::app::lab {
namespace {

using testing::HasSubstr;

TEST(Spread, IsTheQuartilesShareOfTheMedian) {
  const Spread spread = spread_of({4, 1, 3, 2, 5});
  EXPECT_EQ(spread.median, 3);
  EXPECT_EQ(spread.q1, 2);
  EXPECT_EQ(spread.q3, 4);
  EXPECT_NEAR(spread.relative(), 2.0 / 3, 1e-9);
  EXPECT_EQ(spread_of({}).relative(), 0);
}

TEST(Outcome, TheWidestSpreadIsThatOfTheWorstRung) {
  EXPECT_NEAR(widest_spread(an_outcome()), 0.01, 1e-9);
}

TEST(Outcome, WhatPlateauSaidIsFromTheMiddleRoundInWhichItSpoke) {
  Outcome outcome = an_outcome();
  EXPECT_EQ(said_of(outcome.rungs[0])->ceilings[0].per_second, 1001);
  EXPECT_EQ(said_of(outcome.rungs[2]), nullptr);
}

TEST(Outcome, DisturbedRoundsCountOnlyWhereThereAreNoOthers) {
  Outcome outcome = an_outcome();
  const Measure& throughput = *find_measure("throughput");
  outcome.rungs[0].rounds[0].figures.machine.others = 0.2;
  outcome.rungs[0].rounds[0].figures.machine.steal = 0.1;
  EXPECT_EQ(measured(outcome.rungs[0], throughput).median, 1005);
  EXPECT_TRUE(has_undisturbed(outcome, 1));
  EXPECT_FALSE(has_undisturbed(outcome, 2));
  outcome.rungs[1].rounds[0].figures.machine.others = 1;
  EXPECT_EQ(measured(outcome.rungs[1], throughput).median, 2000);
  EXPECT_FALSE(has_undisturbed(outcome, 1));
}

TEST(Outcome, RatiosAreToTheFirstRungThatRan) {
  Outcome outcome = an_outcome();
  outcome.rungs[0].rounds.clear();
  EXPECT_EQ(first_of(outcome, outcome.rungs[1]), &outcome.rungs[1]);
}

// A series "s" at these numbers of connections.
Outcome series_of(const std::map<std::uint32_t, double>& throughput) {
  Outcome outcome;
  outcome.experiment.columns = {"throughput"};
  for (const auto& [connections, per_second] : throughput) {
    RungOutcome rung;
    rung.rung.series = "s";
    rung.rung.connections = connections;
    rung.rounds = {round_of(per_second, 1)};
    outcome.rungs.push_back(rung);
  }
  return outcome;
}

TEST(Outcome, LevelsOfLoadAreFittedToTheScalabilityLaw) {
  std::map<std::uint32_t, double> throughput;
  for (const std::uint32_t n : {1u, 2u, 4u, 8u, 16u, 32u, 64u})
    throughput[n] = 100.0 * n / (1 + 0.1 * (n - 1) + 0.001 * n * (n - 1));
  const auto fitted = knees_of(series_of(throughput));
  ASSERT_EQ(fitted.size(), 1u);
  EXPECT_THAT(fitted[0].text, HasSubstr("contention 0.1, coherence 0.001, R² 1.000"));
  EXPECT_THAT(fitted[0].text, HasSubstr("with 30 connections"));
  const auto few = knees_of(series_of({{1, 100}, {2, 190}}));
  EXPECT_THAT(few[0].text, HasSubstr("Universal Scalability Law: ")) << "and the reason why there is none";
}

TEST(Outcome, KneesAreOfEachSeries) {
  const auto knees = knees_of(series_of({{1, 100}, {10, 900}, {100, 1000}, {1000, 1010}}));
  ASSERT_EQ(knees.size(), 1u);
  EXPECT_EQ(knees[0].throughput_at, 10u);
  EXPECT_FALSE(knees[0].latency_at);
  EXPECT_THAT(knees[0].text, HasSubstr("s: knee of throughput at 10 connections, of p99.9 not found"));
}

TEST(Figure, HasItsThousandsApart) {
  EXPECT_EQ(format_figure(0, 0), "0");
  EXPECT_EQ(format_figure(999, 0), "999");
  EXPECT_EQ(format_figure(1234567.891, 2), "1,234,567.89");
  EXPECT_EQ(format_figure(-1234, 0), "-1,234");
}

TEST(Noise, SaysSpreadAndBound) {
  Outcome outcome = an_outcome();
  outcome.noise.others = 0.25;
  EXPECT_THAT(noise_text(outcome), HasSubstr("other processes used 0.25 cores"));
  EXPECT_THAT(noise_text(outcome), HasSubstr("3 rounds a rung (1 to 3 allowed), 0 of the 4 disturbed"));
  EXPECT_THAT(noise_text(outcome), HasSubstr("within the bound of 5 %"));
  outcome.experiment.spread = 0.001;
  EXPECT_THAT(noise_text(outcome), HasSubstr("more than the bound"));
}

}  // namespace
}  // namespace plateau::app::lab
