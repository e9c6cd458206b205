// Generated conversations of many connections: every request comes out once and true, however its bytes are
// cut into turns and parts and however late the records are; with records lost, what comes out is still true.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "attribution/budget.h"
#include "traffic.h"

namespace plateau::request::test {
namespace {

constexpr unsigned kSeeds = 40;
constexpr std::uint64_t kLateNs = StitcherLimits{}.hold_ns / 2;

// Time is to be what bounds the waiting for late records here, not their number.
StitcherLimits patient() {
  StitcherLimits limits;
  limits.held_per_connection = 10'000;
  return limits;
}

void feed_sweeping(Observed& seen, const std::vector<Record>& records) {
  std::uint64_t now = 0;
  for (const Record& record : records) {
    seen.feed(record);
    now = std::max(now, time_of(record));
    seen.stitcher.sweep(now);
  }
}

std::map<std::uint64_t, std::vector<Request>> by_connection(const std::vector<Request>& requests) {
  std::map<std::uint64_t, std::vector<Request>> connections;
  for (const Request& request : requests) connections[request.conn].push_back(request);
  return connections;
}

void expect_conserved(const Request& request, bool overcharged) {
  const auto budget = attribution::budget_of(request);
  EXPECT_EQ(budget.latency_ns, request.end_ns - request.ready_ns);
  EXPECT_EQ(std::accumulate(budget.ns.begin(), budget.ns.end(), std::uint64_t{0}), budget.latency_ns);
  EXPECT_EQ(budget.overcharged, overcharged);
}

void expect_true(const Request& request, const Exchange& truth) {
  EXPECT_EQ(request.method, truth.method);
  EXPECT_EQ(request.path, truth.path);
  EXPECT_EQ(request.status, truth.status);
  EXPECT_EQ(request.bytes_in, truth.bytes_in);
  EXPECT_EQ(request.outcome, truth.outcome);
  EXPECT_NE(request.framing, Framing::unknown);
  if (truth.outcome == Outcome::answered) {
    EXPECT_EQ(request.bytes_out, truth.bytes_out);
  }
}

class Generated : public testing::TestWithParam<unsigned> {
 protected:
  std::mt19937 random{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Seeds, Generated, testing::Range(1u, kSeeds + 1));

TEST_P(Generated, EveryRequestComesOutOnceInOrderAndTrue) {
  const Traffic traffic = make_traffic(random);
  Observed seen(patient());
  feed_sweeping(seen, shuffled(traffic, random, kLateNs));

  ASSERT_EQ(seen.requests.size(), traffic.exchanges.size());
  EXPECT_EQ(seen.stitcher.connections(), 0u);
  auto connections = by_connection(seen.requests);
  std::map<std::uint64_t, std::uint32_t> next;
  for (const Exchange& truth : traffic.exchanges) {
    const std::uint32_t i = next[truth.conn]++;
    ASSERT_LT(i, connections[truth.conn].size());
    const Request& request = connections[truth.conn][i];
    SCOPED_TRACE(truth.path);
    EXPECT_EQ(request.seq, i);
    expect_true(request, truth);
    expect_conserved(request, truth.overcharged);
    if (HasFailure()) return;
  }
  const Counters& counters = seen.stitcher.counters();
  EXPECT_EQ(counters.requests, seen.requests.size());
  EXPECT_EQ(counters.missing_turns + counters.abandoned + counters.stray_sends + counters.malformed, 0u);
}

// Turns that are lost while an answer is under way across them leave answers that nothing tells from the next
// one's: without such turns every pairing must be right.
TEST_P(Generated, WhatComesOutIsTrueWhateverIsLost) {
  TrafficOptions options;
  options.overlapped = false;
  options.overcharged = false;
  const Traffic traffic = make_traffic(random, options);
  auto records = shuffled(traffic, random, kLateNs);
  std::erase_if(records, [&](const Record&) { return random() % 25 == 0; });
  Observed seen(patient());
  feed_sweeping(seen, records);
  seen.stitcher.finish();

  std::map<std::string, Exchange> truths;
  for (const Exchange& truth : traffic.exchanges) truths[truth.path] = truth;
  std::size_t named = 0;
  std::map<std::uint64_t, std::uint64_t> last;
  for (const Request& request : seen.requests) {
    SCOPED_TRACE(request.path + " of connection " + std::to_string(request.conn));
    expect_conserved(request, false);
    EXPECT_GT(request.ready_ns + 1, std::exchange(last[request.conn], request.ready_ns));
    if (request.path.empty()) {
      EXPECT_EQ(request.framing, Framing::unknown);
      continue;
    }
    ASSERT_TRUE(truths.contains(request.path)) << "comes out once, and is real";
    const Exchange truth = truths.extract(request.path).mapped();
    named++;
    EXPECT_EQ(request.conn, truth.conn);
    EXPECT_EQ(request.method, truth.method);
    if (request.status) {
      EXPECT_EQ(request.status, truth.status);
    }
    if (request.framing != Framing::exact || request.outcome != Outcome::answered) continue;
    EXPECT_EQ(request.status, truth.status);
    EXPECT_EQ(request.bytes_in, truth.bytes_in);
    EXPECT_EQ(request.bytes_out, truth.bytes_out);
    if (HasFailure()) return;
  }
  EXPECT_GT(named, traffic.exchanges.size() * 3 / 4);
  const Counters& counters = seen.stitcher.counters();
  EXPECT_LT(seen.requests.size(), traffic.exchanges.size());
  EXPECT_GT(counters.missing_turns, 0u);
  constexpr std::uint64_t kMostInATurn = 4;
  EXPECT_GE(named + counters.abandoned + counters.stray_sends + seen.stitcher.under_way() +
                kMostInATurn * (counters.missing_turns + counters.unknown),
            traffic.exchanges.size());
}

}  // namespace
}  // namespace plateau::request::test
