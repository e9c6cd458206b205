#include "vm_test.h"

namespace plateau::vm {

live::TruthRun mixed_load(const std::string& engine, const std::vector<std::string>& options) {
  return {.switches = {"--engine", engine},
          .connections = 7,
          .requests = kRequests,
          .options = options,
          .load = {"--path", "/users/5", "--path", "/status/404", "--path", "/bytes/5000"},
          .stamps = engine != "io_uring"};
}

std::optional<std::vector<live::Pair>> observe(live::TruthRun run, const Plan& plan) {
  for (const SignalPlan& signal : plan.signals)
    if (signal.required && !signal.lost.empty()) run.excuse = kSkipped;
  auto pairs = run_with_truth(run);
  if (pairs.empty() && !run.excuse.empty() && !testing::Test::HasFailure()) return std::nullopt;
  return pairs;
}

void expect_exact(const std::vector<live::Pair>& pairs) {
  EXPECT_EQ(pairs.size(), kRequests);
  for (const auto& [truth, seen] : pairs) {
    const std::string which = truth.peer + " " + std::to_string(truth.seq);
    ASSERT_EQ(seen.method, truth.method) << which;
    ASSERT_EQ(seen.path, truth.path) << which;
    ASSERT_EQ(seen.status, truth.status) << which;
    ASSERT_EQ(seen.framing, "exact") << which;
    ASSERT_EQ(seen.outcome, "answered") << which;
    if (!seen.latency_ns) continue;
    const auto latency = static_cast<double>(*seen.latency_ns);
    ASSERT_NEAR(static_cast<double>(stage_sum(seen)), latency, latency / 100) << which;
  }
}

}  // namespace plateau::vm
