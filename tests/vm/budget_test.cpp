// Budgets against the server's truth. An emulated machine is slow, and unevenly so: planted waits are long
// beside what else there is, and shares are compared, not times.
#include <cstdio>
#include <functional>

#include "harness/quantile.h"
#include "vm_test.h"

namespace plateau::vm {
namespace {

constexpr double kTolerance = 0.05;  // of the latency

using Share = std::function<double(const live::Pair&)>;

// Of the latency.
Share stage(const std::string& name) {
  return [name](const live::Pair& pair) {
    if (!pair.seen.latency_ns) return 0.0;
    return static_cast<double>(pair.seen.stages.at(name)) / static_cast<double>(*pair.seen.latency_ns);
  };
}

Share span(const std::string& name) {
  return [name](const live::Pair& pair) {
    return static_cast<double>(pair.truth.span_ns(name)) / static_cast<double>(pair.truth.latency_ns());
  };
}

Share operator+(const Share& a, const Share& b) {
  return [a, b](const live::Pair& pair) { return a(pair) + b(pair); };
}

double median(const std::vector<live::Pair>& pairs, const Share& share) {
  std::vector<double> shares;
  for (const live::Pair& pair : pairs) shares.push_back(share(pair));
  return live::quantile(shares, 0.5);
}

class Budget : public VmTest {
 protected:
  // False if the run proves nothing.
  bool run(const std::vector<std::string>& switches, std::size_t connections) {
    const auto pairs =
        observe({.switches = switches, .connections = connections, .requests = 31}, plan_of_this_kernel());
    if (!pairs) return false;
    pairs_ = *pairs;
    EXPECT_FALSE(pairs_.empty());
    if (pairs_.empty()) return true;
    const double ratio = median(pairs_, [](const live::Pair& pair) {
      return static_cast<double>(pair.seen.latency_ns.value_or(0)) /
             static_cast<double>(pair.truth.latency_ns());
    });
    std::printf("  latency: %.3f of the truth's\n", ratio);
    EXPECT_NEAR(ratio, 1, kTolerance);
    return true;
  }

  // Of the truth's share there has to be enough for plateau to be wrong about. The truth's waits end once the
  // thread runs again: some of the time on the run queue is theirs.
  void expect_share(const std::string& name, const Share& in_truth) {
    if (pairs_.empty()) return;
    const double least = median(pairs_, stage(name));
    const double most = median(pairs_, stage(name) + stage("runqueue"));
    const double truth = median(pairs_, in_truth);
    std::printf("  %s: %.3f of the latency, with runqueue %.3f; %.3f in truth\n", name.c_str(), least, most,
                truth);
    EXPECT_GT(truth, 3 * kTolerance);
    EXPECT_GE(truth, least - kTolerance);
    EXPECT_LE(truth, most + kTolerance);
  }

  std::vector<live::Pair> pairs_;
};

TEST_F(Budget, SleepIsSleepInAnEventLoop) {
  if (!run({"--engine", "epoll", "--sleep", "30ms"}, 1)) GTEST_SKIP() << kSkipped;
  expect_share("sleep", span("sleep"));
}

TEST_F(Budget, SleepIsSleepInThreads) {
  if (!run({"--engine", "thread", "--sleep", "30ms"}, 3)) GTEST_SKIP() << kSkipped;
  expect_share("sleep", span("sleep"));
}

TEST_F(Budget, WaitingForALockIsTold) {
  if (!run({"--engine", "thread", "--section", "global", "--hold", "20ms"}, 4)) GTEST_SKIP() << kSkipped;
  expect_share("lock_user", span("section_wait"));
  expect_share("sleep", span("section_hold"));
}

// Reading the request and answering it is CPU time too, and no small part of it here.
TEST_F(Budget, SpinningIsCpu) {
  if (!run({"--engine", "thread", "--spin", "100ms"}, 1)) GTEST_SKIP() << kSkipped;
  expect_share("cpu", [](const live::Pair& pair) {
    return static_cast<double>(pair.truth.write_ns - pair.truth.read_ns) /
           static_cast<double>(pair.truth.latency_ns());
  });
}

}  // namespace
}  // namespace plateau::vm
