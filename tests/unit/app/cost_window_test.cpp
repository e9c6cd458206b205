#include "app/cost_window.h"

#include <gtest/gtest.h>

namespace plateau::app {
namespace {

using Asks = CostWindow::Action;

constexpr std::uint64_t kStepNs = 20'000'000, kRunNs = 7'000, kOthersNs = 1'300'000;

// Requests that cost kRunNs each, while other threads cost kOthersNs in every window.
class SharedMachine {
 public:
  CostWindow window;
  int opened = 0;

  void run(int ticks, std::uint64_t requests_per_tick) {
    for (; ticks > 0; ticks--) {
      now_ += kStepNs;
      turns_ += requests_per_tick;
      const Asks action = window.step(now_, turns_);
      if (action == Asks::open) {
        opened++;
        window.opened(run_);
        begun_ = turns_;
      } else if (action == Asks::close) {
        run_ += (turns_ - begun_) * kRunNs + kOthersNs;
        window.closed(run_);
      }
    }
  }

 private:
  std::uint64_t now_ = 0, turns_ = 0, run_ = 0, begun_ = 0;
};

TEST(CostWindow, OneWithEnoughRequestsIsTheOnlyOne) {
  SharedMachine machine;
  machine.run(100, 97);
  EXPECT_TRUE(machine.window.done());
  EXPECT_TRUE(machine.window.enough());
  EXPECT_EQ(machine.opened, 1);
  const auto& best = machine.window.best();
  EXPECT_EQ(best.length_ns, 120'000'000u);
  EXPECT_EQ(best.requests, 6u * 97);
  EXPECT_EQ(best.run_ns, 6u * 97 * kRunNs + kOthersNs);
}

TEST(CostWindow, OneWithFewHoldsUntilThereAreMore) {
  SharedMachine machine;
  machine.run(23, 0);
  EXPECT_EQ(machine.opened, 0) << "nothing to count";
  machine.run(1, 3);
  machine.run(20, 0);
  EXPECT_EQ(machine.opened, 1);
  EXPECT_FALSE(machine.window.done());
  EXPECT_EQ(machine.window.best().requests, 0u) << "they came before it was open";
  machine.run(3, 3);
  machine.run(20, 0);
  EXPECT_EQ(machine.window.best().requests, 6u);
  EXPECT_FALSE(machine.window.enough());
  machine.run(7, 11);
  EXPECT_EQ(machine.window.best().requests, 66u);
  EXPECT_TRUE(machine.window.done());
}

TEST(CostWindow, OneWithFewerDoesNotReplaceIt) {
  SharedMachine machine;
  machine.run(30, 5);
  machine.run(30, 2);
  EXPECT_EQ(machine.window.best().requests, 30u);
}

TEST(CostWindow, AfterTwentyItIsLeftAtThat) {
  SharedMachine machine;
  machine.run(1'000, 1);
  EXPECT_EQ(machine.opened, 20);
  EXPECT_TRUE(machine.window.done());
  EXPECT_FALSE(machine.window.enough());
  EXPECT_EQ(machine.window.best().requests, 6u);
}

TEST(CostWindow, WhereItIsRefusedThereIsNone) {
  CostWindow window;
  EXPECT_EQ(window.step(500'000'000, 1), Asks::open);
  window.refused();
  EXPECT_TRUE(window.done());
  EXPECT_EQ(window.step(900'000'000, 900), Asks::none);
}

}  // namespace
}  // namespace plateau::app
