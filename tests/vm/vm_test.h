// The fixture of every test that needs requests to be seen.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "harness/truth_run.h"
#include "plan.h"

namespace plateau::vm {

template <class T>
class VmTestWith : public testing::TestWithParam<T> {
 protected:
  void SetUp() override {
    if (const std::string why = cannot_show_requests(); !why.empty()) GTEST_SKIP() << why;
  }
};

class VmTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = cannot_show_requests(); !why.empty()) GTEST_SKIP() << why;
  }
};

// A prime: no even share for any connection, thread or path.
inline constexpr std::size_t kRequests = 499;

// Requests of several methods' and answers' kinds, over seven connections.
live::TruthRun mixed_load(const std::string& engine, const std::vector<std::string>& options = {});

// run_with_truth(), where the plan says that the kernel may skip probe runs: no value if it has.
std::optional<std::vector<live::Pair>> observe(live::TruthRun run, const Plan& plan);
inline constexpr const char* kSkipped = "probe runs skipped by the kernel";

// Every request was seen for what it was, and its stages sum to its latency.
void expect_exact(const std::vector<live::Pair>& pairs);

}  // namespace plateau::vm
