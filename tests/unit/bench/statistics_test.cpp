#include "overhead/statistics.h"

#include <gmock/gmock.h>

namespace plateau::overhead {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Quantile, InterpolatesBetweenRanks) {
  EXPECT_THAT(quantile({4, 1, 3, 2}, 0.5), DoubleEq(2.5));
  EXPECT_THAT(quantile({5, 1, 4, 2, 3}, 0.25), DoubleEq(2));
  EXPECT_THAT(quantile({10, 20}, 0.75), DoubleEq(17.5));
}

TEST(Quantile, EndsAreTheExtremes) {
  EXPECT_THAT(quantile({3, 9, 6}, 0), DoubleEq(3));
  EXPECT_THAT(quantile({3, 9, 6}, 1), DoubleEq(9));
  EXPECT_THAT(quantile({3, 9, 6}, 7), DoubleEq(9));
  EXPECT_THAT(quantile({3, 9, 6}, -1), DoubleEq(3));
}

TEST(Quantile, OfOneAndOfNone) {
  EXPECT_THAT(quantile({42}, 0.25), DoubleEq(42));
  EXPECT_THAT(quantile({}, 0.5), DoubleEq(0));
}

TEST(Spread, IsMedianAndQuartiles) {
  const Spread spread = spread_of({100, 104, 96, 102, 98});
  EXPECT_THAT(spread.q1, DoubleEq(98));
  EXPECT_THAT(spread.median, DoubleEq(100));
  EXPECT_THAT(spread.q3, DoubleEq(102));
  EXPECT_EQ(spread.count, 5u);
  EXPECT_THAT(spread.relative(), DoubleEq(0.04));
  EXPECT_THAT(spread_of({}).relative(), DoubleEq(0));
}

TEST(PairRatios, FollowThePairsAndNotTheMedians) {
  EXPECT_THAT(pair_ratios({100, 200, 400}, {90, 180, 360}),
              ElementsAre(DoubleEq(0.9), DoubleEq(0.9), DoubleEq(0.9)));
}

TEST(PairRatios, LeaveOutWhatHasNoPartner) {
  EXPECT_THAT(pair_ratios({100, 0, 100, 100}, {50, 50, 150}), ElementsAre(DoubleEq(0.5), DoubleEq(1.5)));
  EXPECT_THAT(pair_ratios({}, {1}), IsEmpty());
}

}  // namespace
}  // namespace plateau::overhead
