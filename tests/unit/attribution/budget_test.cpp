#include "attribution/budget.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace plateau::attribution {
namespace {

std::uint64_t sum(const Budget& budget) {
  return std::accumulate(budget.ns.begin(), budget.ns.end(), std::uint64_t{0});
}

request::Request request_of(std::uint64_t latency) {
  request::Request request;
  request.ready_ns = 1000;
  request.end_ns = 1000 + latency;
  return request;
}

TEST(Budget, NamesEveryState) {
  const std::array<std::pair<pl_state, Stage>, PL_STATES> expected{{
      {PL_STATE_RUN, Stage::cpu},
      {PL_STATE_RUNQ, Stage::runqueue},
      {PL_STATE_POLL, Stage::unattributed},
      {PL_STATE_RECV, Stage::unattributed},
      {PL_STATE_SEND, Stage::send_wait},
      {PL_STATE_FUTEX, Stage::lock_user},
      {PL_STATE_SLEEP, Stage::sleep},
      {PL_STATE_DISK, Stage::disk},
      {PL_STATE_FAULT, Stage::page_fault},
      {PL_STATE_LOCK_SOCKET, Stage::lock_socket},
      {PL_STATE_LOCK_KERNEL, Stage::lock_kernel},
      {PL_STATE_FD, Stage::downstream},
      {PL_STATE_OTHER, Stage::unattributed},
      {PL_STATE_COPY_IN, Stage::copy_in},
      {PL_STATE_COPY_OUT, Stage::copy_out},
      {PL_STATE_TCP_SEND, Stage::tcp_send},
  }};
  for (const auto& [state, stage] : expected) {
    request::Request request = request_of(100);
    request.state[state] = 100;
    const Budget budget = budget_of(request);
    EXPECT_EQ(budget[stage], 100u) << name(stage);
    EXPECT_EQ(sum(budget), 100u);
    EXPECT_FALSE(budget.overcharged);
  }
}

TEST(Budget, NamesEveryPlaceBeforeAThread) {
  const std::array<std::pair<pl_before, Stage>, PL_BEFORES> expected{{{PL_BEFORE_ACCEPT, Stage::accept_wait},
                                                                      {PL_BEFORE_WAKEUP, Stage::wakeup},
                                                                      {PL_BEFORE_BUSY, Stage::busy_loop},
                                                                      {PL_BEFORE_HANDOFF, Stage::handoff},
                                                                      {PL_BEFORE_PARKED, Stage::parked}}};
  for (const auto& [before, stage] : expected) {
    request::Request request = request_of(60);
    request.before[before] = 60;
    EXPECT_EQ(budget_of(request)[stage], 60u) << name(stage);
  }
}

TEST(Budget, LeavesTheRestUnattributed) {
  request::Request request = request_of(1000);
  request.state[PL_STATE_RUN] = 300;
  request.state[PL_STATE_POLL] = 50;
  request.before[PL_BEFORE_WAKEUP] = 200;
  const Budget budget = budget_of(request);
  EXPECT_EQ(budget[Stage::cpu], 300u);
  EXPECT_EQ(budget[Stage::wakeup], 200u);
  EXPECT_EQ(budget[Stage::unattributed], 500u);
  EXPECT_EQ(budget.latency_ns, 1000u);
  EXPECT_FALSE(budget.overcharged);
}

TEST(Budget, MakesUpWhatIsParkedOfWhatIsWaitedFor) {
  request::Request request = request_of(1000);
  request.before[PL_BEFORE_PARKED] = 700;
  request.parked[PL_PARK_CHANNEL] = 400;
  request.parked[PL_PARK_GC] = 100;
  EXPECT_EQ(budget_of(request).parked, (Parks{200, 400, 0, 0, 0, 0, 100, 0}));
  EXPECT_TRUE(is_told(budget_of(request).parked));
  request.end_ns = request.ready_ns + 350;  // half of it is all that there is
  EXPECT_EQ(budget_of(request).parked, (Parks{100, 200, 0, 0, 0, 0, 50, 0}));
  request.parked[PL_PARK_TIMER] = 5000;
  const Parks parked = budget_of(request).parked;
  EXPECT_EQ(std::accumulate(parked.begin(), parked.end(), std::uint64_t{0}), 350u);
  request.parked = {};
  EXPECT_EQ(budget_of(request).parked, (Parks{350}));
  EXPECT_FALSE(is_told(budget_of(request).parked));
}

TEST(Budget, ScalesDownWhatExceedsTheLatency) {
  request::Request request = request_of(100);
  request.state[PL_STATE_RUN] = 300;
  request.before[PL_BEFORE_WAKEUP] = 100;
  const Budget budget = budget_of(request);
  EXPECT_TRUE(budget.overcharged);
  EXPECT_EQ(budget[Stage::cpu], 75u);
  EXPECT_EQ(budget[Stage::wakeup], 25u);
  EXPECT_EQ(budget[Stage::unattributed], 0u);
}

TEST(Budget, OfNoTimeIsNothing) {
  EXPECT_EQ(sum(budget_of(request_of(0))), 0u);
  request::Request request = request_of(0);
  request.state[PL_STATE_RUN] = 5;
  EXPECT_EQ(sum(budget_of(request)), 0u);
  EXPECT_TRUE(budget_of(request).overcharged);
  request.end_ns = 1;  // before it was ready: another CPU's clock, or a broken capture
  EXPECT_EQ(budget_of(request).latency_ns, 0u);
}

TEST(Budget, IsConservedWhateverTheNumbers) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 20'000; i++) {
    const auto some = [&] { return random() >> (random() % 64); };
    request::Request request = request_of(0);
    request.end_ns = request.ready_ns + (some() >> 11);
    __extension__ unsigned __int128 charged = 0;
    for (auto& ns : request.state) charged += ns = random() % 3 ? 0 : some();
    for (auto& ns : request.before) charged += ns = random() % 3 ? 0 : some();
    const Budget budget = budget_of(request);
    __extension__ unsigned __int128 total = 0;
    for (const std::uint64_t ns : budget.ns) total += ns;
    ASSERT_TRUE(total == request.latency_ns());
    ASSERT_EQ(budget.overcharged, charged > request.latency_ns());
  }
}

}  // namespace
}  // namespace plateau::attribution
