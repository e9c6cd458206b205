#include "sink/lock_ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace plateau::sink {
namespace {

using attribution::LockStats;

LockStats lock(std::uint64_t futex, std::uint64_t waits) {
  LockStats stats;
  stats.futex = futex;
  stats.tgid = 1;
  stats.waits = stats.owed_waits = stats.handovers = waits;
  stats.wait_ns = stats.owed_wait_ns = waits * 1000;
  return stats;
}

attribution::HolderStats holder(const std::string& function, std::uint64_t weight) {
  attribution::HolderStats stats;
  stats.frames = {function};
  stats.modules = {"/srv/app"};
  stats.weight = weight;
  return stats;
}

std::map<std::string, std::uint64_t> waits(const std::vector<LockSeries>& series) {
  std::map<std::string, std::uint64_t> all;
  for (const auto& s : series) all[s.lock] = s.waits;
  return all;
}

TEST(LockLedger, GivesThePlacesToTheFirst) {
  LockLedger ledger(2);
  EXPECT_EQ(waits(ledger.update({lock(0xa, 30), lock(0xb, 20), lock(0xc, 10), lock(0xd, 1)})),
            (std::map<std::string, std::uint64_t>{{"0xa", 30}, {"0xb", 20}, {"other", 11}}));
}

TEST(LockLedger, BooksGrowthWhereTheLockStands) {
  LockLedger ledger(1);
  ledger.update({lock(0xa, 10), lock(0xb, 5)});
  // 0xb overtakes: what it had stays with the others; what it grows by is its own.
  EXPECT_EQ(waits(ledger.update({lock(0xb, 25), lock(0xa, 12)})),
            (std::map<std::string, std::uint64_t>{{"0xb", 20}, {"other", 7}}));
  // 0xa comes back and goes on from its 10.
  EXPECT_EQ(waits(ledger.update({lock(0xa, 30), lock(0xb, 26)})),
            (std::map<std::string, std::uint64_t>{{"0xa", 28}, {"other", 8}}));
}

TEST(LockLedger, KeepsProcessesApart) {
  LockLedger ledger;
  auto second = lock(0xa, 3);
  second.tgid = 2;
  const auto series = ledger.update({lock(0xa, 5), second});
  ASSERT_EQ(series.size(), 2u);
  EXPECT_EQ(series[0].pid, "1");
  EXPECT_EQ(series[0].waits, 5u);
  EXPECT_EQ(series[1].pid, "2");
  EXPECT_EQ(series[1].waits, 3u);
}

TEST(LockLedger, TakesNothingNewFromAnOlderState) {
  LockLedger ledger;
  ledger.update({lock(0xa, 10)});
  EXPECT_EQ(waits(ledger.update({lock(0xa, 4)})).at("0xa"), 10u);
  EXPECT_EQ(waits(ledger.update({lock(0xa, 11)})).at("0xa"), 11u);
}

TEST(LockLedger, ShowsNoOtherBeforeThereIsOne) {
  LockLedger ledger;
  EXPECT_TRUE(ledger.update({}).empty());
  EXPECT_EQ(ledger.update({lock(0xa, 1)}).size(), 1u);
}

TEST(LockLedger, KeepsTheHoldersNameUntilAnotherIsSeenTwiceAsOften) {
  LockLedger ledger;
  LockStats stats = lock(0xa, 10);
  const auto label = [&](std::vector<attribution::HolderStats> holders) {
    stats.holders = std::move(holders);
    return ledger.update({stats}).front().holder;
  };
  EXPECT_EQ(label({}), "");
  EXPECT_EQ(label({holder("f", 3), holder("g", 2)}), "f");
  EXPECT_EQ(label({holder("g", 5), holder("f", 3)}), "f");
  EXPECT_EQ(label({holder("g", 4), holder("f", 3), holder("g", 3)}), "g");  // two stacks of one function
  EXPECT_EQ(label({holder("f", 9), holder("g", 7)}), "g");
  EXPECT_EQ(label({}), "g");
}

// Whatever grows and overtakes what: no series falls, no wait is counted twice, and none is lost unless its
// lock is out of sight.
TEST(LockLedger, NeverGoesBackwards) {
  std::mt19937 random(7);
  LockLedger ledger(3);
  std::map<std::uint64_t, std::uint64_t> truth;
  std::map<std::string, std::uint64_t> highest;
  for (int round = 0; round < 2000; round++) {
    for (int i = 0; i < 4; i++) truth[1 + random() % 12] += random() % (1 + random() % 500);
    std::vector<LockStats> locks;
    for (const auto& [futex, n] : truth) locks.push_back(lock(futex, n));
    std::stable_sort(locks.begin(), locks.end(),
                     [](const auto& a, const auto& b) { return a.waits > b.waits; });
    std::uint64_t all = 0;
    for (const auto& [futex, n] : truth) all += n;
    for (const auto& [name, n] : waits(ledger.update(locks))) {
      ASSERT_GE(n, highest[name]) << name << " in round " << round;
      highest[name] = n;
    }
    std::uint64_t booked = 0;
    for (const auto& [name, n] : highest) booked += n;
    ASSERT_EQ(booked, all) << "in round " << round;
  }
}

}  // namespace
}  // namespace plateau::sink
