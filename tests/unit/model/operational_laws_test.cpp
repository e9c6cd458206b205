#include "model/operational_laws.h"

#include <gtest/gtest.h>

namespace plateau::model {
namespace {

// Lazowska et al. 1984, section 3.4: a disk that serves 40 requests/s of 0.0225 s each is busy for 90 %.
TEST(OperationalLaws, HoldForTextbookFigures) {
  EXPECT_NEAR(utilisation(40, 0.0225), 0.9, 1e-12);
  EXPECT_NEAR(utilisation(40, 0.0225, 3), 0.3, 1e-12);
  EXPECT_NEAR(number_inside(40, 0.1), 4, 1e-12);
  EXPECT_NEAR(forced_flow(2, 20), 40, 1e-12);
  EXPECT_NEAR(response_time(10, 0.5, 5), 15, 1e-12);
  EXPECT_NEAR(think_time(10, 0.5, 15), 5, 1e-12);
}

TEST(OperationalLaws, OfNothingAreNothing) {
  EXPECT_EQ(response_time(10, 0, 5), 0);
  EXPECT_EQ(think_time(10, 0, 5), 0);
  EXPECT_EQ(think_time(10, 1, 11), 0);
}

Measurement consistent() {
  Measurement m;
  m.throughput = 2'000;
  m.response = 0.02;
  m.inside = 40;
  m.customers = 100;
  m.think = 0.03;
  m.devices = {{"cpu", 0.0008, 2, 0.8}};
  return m;
}

TEST(OperationalLaws, AConsistentMeasurementPasses) {
  const auto checks = check_laws(consistent(), 0.01);
  ASSERT_EQ(checks.size(), 3u);
  for (const auto& check : checks) EXPECT_TRUE(check.holds) << check.law;
}

TEST(OperationalLaws, NameTheOneThatFails) {
  Measurement m = consistent();
  m.inside = 42;
  m.devices[0].utilisation = 0.81;
  const auto checks = check_laws(m, 0.02);
  EXPECT_EQ(checks[0].law, "Little's law");
  EXPECT_FALSE(checks[0].holds);
  EXPECT_EQ(checks[0].expected, 40);
  EXPECT_EQ(checks[0].measured, 42);
  EXPECT_TRUE(checks[1].holds);
  EXPECT_EQ(checks[2].law, "utilisation law: cpu");
  EXPECT_TRUE(checks[2].holds);
}

TEST(OperationalLaws, AreNotAppliedToWhatIsNotKnown) {
  Measurement m = consistent();
  m.think.reset();
  m.inside.reset();
  EXPECT_EQ(check_laws(m, 0.01).size(), 1u);
  m.throughput.reset();
  EXPECT_TRUE(check_laws(m, 0.01).empty());
}

}  // namespace
}  // namespace plateau::model
