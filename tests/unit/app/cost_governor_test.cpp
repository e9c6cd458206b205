#include "app/cost_governor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace plateau::app {
namespace {

using Action = CostGovernor::Action;

constexpr std::uint64_t kTickNs = 20'000'000;  // as often as the ring is read
constexpr double kTurnCostNs = 1'000;

// A target that spends `own_ns` on each turn, and what the probes cost it while they are on.
class Target {
 public:
  Target(double bound, double per_second, double own_ns) : governor(bound), rate_(per_second), own_(own_ns) {
    governor.set_turn_cost(static_cast<std::uint64_t>(kTurnCostNs));
  }

  void run(double seconds) {
    const std::uint64_t end = now_ + static_cast<std::uint64_t>(seconds * 1e9);
    for (; now_ < end; now_ += kTickNs) {
      tick();
      if (!governor.due(now_)) continue;
      const Action action = governor.step(
          {now_, static_cast<std::uint64_t>(turns_), static_cast<std::uint64_t>(own_cpu_ + probe_cpu_)});
      if (action == Action::none) continue;
      EXPECT_EQ(action == Action::pause, on_) << "twice the same";
      on_ = action == Action::resume;
      if (!on_) pauses.push_back(now_);
      if (on_) lengths.push_back(now_ - pauses.back());
    }
  }
  void set_rate(double per_second) { rate_ = per_second; }
  void forget() { own_cpu_at_ = own_cpu_, probe_cpu_at_ = probe_cpu_, watched_ = ticks_ = 0; }

  double cost() const { return (probe_cpu_ - probe_cpu_at_) / (own_cpu_ - own_cpu_at_); }
  double watched() const { return static_cast<double>(watched_) / static_cast<double>(ticks_); }

  CostGovernor governor;
  std::vector<std::uint64_t> pauses;
  std::vector<std::uint64_t> lengths;

 private:
  void tick() {
    const double turns = rate_ * static_cast<double>(kTickNs) / 1e9;
    own_cpu_ += turns * own_;
    ticks_++;
    if (!on_) return;
    watched_++;
    turns_ += turns;
    probe_cpu_ += turns * kTurnCostNs;
  }

  std::uint64_t now_ = 1'000'000'000'000;
  double rate_;
  double own_;
  double turns_ = 0, own_cpu_ = 0, probe_cpu_ = 0, own_cpu_at_ = 0, probe_cpu_at_ = 0;
  std::uint64_t watched_ = 0, ticks_ = 0;
  bool on_ = true;
};

TEST(CostGovernor, LooksAtEverythingWhileThatIsWithinTheBound) {
  Target target(0.04, 100'000, 26'000);
  target.run(60);
  EXPECT_TRUE(target.pauses.empty());
  EXPECT_NEAR(target.governor.full_cost(), 1.0 / 26, 0.001);
}

TEST(CostGovernor, LetsBeATargetThatHardlyUsesItsCpu) {
  Target target(0.04, 3'000, 5'000);  // a fifth of its own CPU time, and 0.3 % of a CPU
  target.run(60);
  EXPECT_TRUE(target.pauses.empty());
  EXPECT_NEAR(target.governor.full_cost(), 0.003, 0.0003);
}

TEST(CostGovernor, KeepsTheAverageCostToTheBound) {
  for (const double bound : {0.01, 0.04, 0.1}) {
    for (const double own_ns : {2'000.0, 5'000.0, 8'000.0}) {
      Target target(bound, 1e9 / own_ns, own_ns);
      target.run(10);
      target.forget();
      target.run(100);
      EXPECT_LE(target.cost(), bound * 1.1) << own_ns;
      EXPECT_GE(target.watched(), bound * own_ns / kTurnCostNs * 0.85) << own_ns;
      EXPECT_NEAR(target.governor.full_cost(), kTurnCostNs / own_ns, 0.02 * kTurnCostNs / own_ns);
    }
  }
}

TEST(CostGovernor, TakesAThirdOfASecondBeforeItPausesAtAll) {
  Target target(0.01, 200'000, 2'000);
  target.run(0.25);
  EXPECT_TRUE(target.pauses.empty());
  target.run(0.15);
  EXPECT_EQ(target.pauses.size(), 1u);
}

TEST(CostGovernor, ShowsSomethingEveryFewSecondsWhateverItCosts) {
  Target target(0.001, 500'000, 500);
  target.run(100);
  ASSERT_GT(target.lengths.size(), 10u);
  EXPECT_LE(*std::max_element(target.lengths.begin(), target.lengths.end()), 5'100'000'000u);
}

TEST(CostGovernor, LooksAtEverythingAgainOnceTheLoadHasGone) {
  Target costly(0.04, 100'000, 5'000);
  costly.run(10);
  ASSERT_FALSE(costly.pauses.empty());
  costly.set_rate(0);  // tells nothing
  costly.run(10);
  EXPECT_NEAR(costly.governor.full_cost(), 0.1, 0.005);
  costly.set_rate(30'000);
  costly.run(20);
  costly.forget();
  costly.run(10);
  EXPECT_EQ(costly.watched(), 1);
}

TEST(CostGovernor, WithoutABoundItIsNeverDue) {
  Target target(0, 1'000'000, 100);
  target.run(20);
  EXPECT_TRUE(target.pauses.empty());
}

}  // namespace
}  // namespace plateau::app
