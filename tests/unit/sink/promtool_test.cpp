// Prometheus's own judgement of what is exported.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "examples.h"
#include "exposition.h"
#include "sink/metrics.h"

namespace plateau::sink {
namespace {

// Exit status and output of `promtool check metrics`.
std::pair<int, std::string> promtool(const std::string& text) {
  const std::string file = testing::TempDir() + "/metrics." + std::to_string(getpid());
  std::ofstream(file) << text;
  const int status = std::system(("promtool check metrics <" + file + " >" + file + ".out 2>&1").c_str());
  std::ostringstream said;
  said << std::ifstream(file + ".out").rdbuf();
  unlink(file.c_str());
  unlink((file + ".out").c_str());
  return {status, said.str()};
}

std::string hostile_exposition() {
  attribution::Summary summary = full_summary();
  summary.locks[0].holders[0].frames = {"a\"b\\c\nd\xff<std::vector<int>, {lambda(auto:1)#1}>"};
  summary.routes[0].route = "/\xe4\"\\\n{} 1 2";
  summary.facts.providers[0].provider = "\n# HELP x y\n";
  LockLedger ledger;
  return serialise(metrics_of({summary, {{4711, true}}}, ledger.update(summary.locks), 0));
}

class Promtool : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v promtool >/dev/null 2>&1") != 0) GTEST_SKIP() << "promtool is not installed";
  }
};

TEST_F(Promtool, FindsNothingToCorrect) {
  const auto summary = full_summary();
  LockLedger ledger;
  const auto [status, said] =
      promtool(serialise(metrics_of({summary, {{4711, true}}}, ledger.update(summary.locks), 0)));
  EXPECT_EQ(status, 0);
  EXPECT_EQ(said, "");
}

TEST_F(Promtool, AcceptsHostileNames) {
  const auto [status, said] = promtool(hostile_exposition());
  EXPECT_EQ(status, 0);
  EXPECT_EQ(said, "");
}

// That the check can fail.
TEST_F(Promtool, RefusesABrokenPage) {
  EXPECT_NE(promtool("plateau_x{a=\"\n\"} 1\n").first, 0);
}

}  // namespace
}  // namespace plateau::sink
