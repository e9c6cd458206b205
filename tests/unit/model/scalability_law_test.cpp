#include "model/scalability_law.h"

#include <gtest/gtest.h>

#include <cmath>

namespace plateau::model {
namespace {

ScalabilityLaw law(double lambda, double sigma, double kappa) {
  ScalabilityLaw l;
  l.lambda = lambda;
  l.sigma = sigma;
  l.kappa = kappa;
  return l;
}

std::vector<LoadPoint> points_of(const ScalabilityLaw& l, const std::vector<double>& loads) {
  std::vector<LoadPoint> points;
  for (const double load : loads) points.push_back({load, l.throughput(load)});
  return points;
}

// SPEC SDM91 on a Sun SPARCcenter 2000, and the coefficients that the R package usl (S. Moeding) finds for
// it.
TEST(ScalabilityLaw, MatchesThePublishedFit) {
  const auto l = fit_scalability_law(
      {{1, 64.9}, {18, 995.9}, {36, 1652.4}, {72, 1853.2}, {108, 1828.9}, {144, 1775.0}, {216, 1702.2}});
  ASSERT_TRUE(l.ok());
  EXPECT_NEAR(l->sigma, 0.0277285, 5e-7);
  EXPECT_NEAR(l->kappa, 0.0001044, 5e-8);
  EXPECT_NEAR(l->lambda, 89.995233, 5e-4);
  EXPECT_NEAR(*l->peak_load(), 96.5, 0.05);
  EXPECT_GT(l->r_squared, 0.98);
  EXPECT_LT(l->r_squared, 1);
}

TEST(ScalabilityLaw, FindsTheCurveItsPointsLieOn) {
  const std::vector<double> loads{1, 2, 5, 10, 30, 100, 400};
  for (const auto& truth : {law(1000, 0.05, 0.0001), law(3, 0, 0.002), law(50, 0.3, 0), law(7, 0, 0),
                            law(1, 1, 0), law(2, 0.9, 0.3)}) {
    const auto l = fit_scalability_law(points_of(truth, loads));
    ASSERT_TRUE(l.ok()) << l.error().message;
    EXPECT_NEAR(l->lambda / truth.lambda, 1, 1e-5);
    EXPECT_NEAR(l->sigma, truth.sigma, 1e-6);
    EXPECT_NEAR(l->kappa, truth.kappa, 1e-6);
    EXPECT_NEAR(l->r_squared, 1, 1e-9);
    EXPECT_LT(l->standard_error, truth.lambda * 1e-3);
  }
}

TEST(ScalabilityLaw, KeepsItsParametersInRange) {
  // Better than linear, which the law cannot be.
  const auto l = fit_scalability_law({{1, 10}, {2, 22}, {4, 47}, {8, 99}});
  ASSERT_TRUE(l.ok());
  EXPECT_EQ(l->sigma, 0);
  EXPECT_EQ(l->kappa, 0);
  EXPECT_GT(l->lambda, 10);
}

// Every load beyond the knee: a curve that is level from the start, and no reason to refuse.
TEST(ScalabilityLaw, TakesAPlateauForWhatItIs) {
  const auto l = fit_scalability_law({{20, 2990}, {50, 3010}, {100, 3000}, {400, 2995}});
  ASSERT_TRUE(l.ok()) << l.error().message;
  EXPECT_NEAR(l->throughput(200), 3000, 15);
  EXPECT_LT(l->standard_error, 20);
}

TEST(ScalabilityLaw, TellsItsPeak) {
  EXPECT_NEAR(*law(1, 0.1, 0.001).peak_load(), 30, 1e-9);
  EXPECT_NEAR(*law(1, 0.1, 0.001).highest_throughput(), law(1, 0.1, 0.001).throughput(30), 1e-12);
  EXPECT_EQ(law(1, 0.1, 2).peak_load(), 1);
  EXPECT_FALSE(law(1, 0.1, 0).peak_load().has_value());
  EXPECT_NEAR(*law(5, 0.1, 0).highest_throughput(), 50, 1e-12);
  EXPECT_FALSE(law(5, 0, 0).highest_throughput().has_value());
}

TEST(ScalabilityLaw, RefusesAndSaysWhatIsMissing) {
  const auto few = fit_scalability_law({{1, 10}, {2, 19}, {10, 60}, {10, 61}});
  ASSERT_FALSE(few.ok());
  EXPECT_NE(few.error().message.find("3 different loads"), std::string::npos);
  const auto near = fit_scalability_law({{10, 10}, {11, 11}, {12, 12}, {13, 13}});
  ASSERT_FALSE(near.ok());
  EXPECT_NE(near.error().message.find("too close"), std::string::npos);
  EXPECT_FALSE(fit_scalability_law({{1, 10}, {2, 0}, {3, 5}, {8, 9}}).ok());
  EXPECT_FALSE(fit_scalability_law({{0.5, 10}, {2, 4}, {3, 5}, {8, 9}}).ok());
  EXPECT_FALSE(fit_scalability_law({{1, NAN}, {2, 4}, {3, 5}, {8, 9}}).ok());
  const auto noise = fit_scalability_law({{1, 50}, {2, 10}, {4, 90}, {8, 5}, {16, 80}});
  ASSERT_FALSE(noise.ok());
  EXPECT_NE(noise.error().message.find("scatter"), std::string::npos);
}

}  // namespace
}  // namespace plateau::model
