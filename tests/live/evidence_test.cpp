// What explain says of servers that no one here wrote, beside what the kernel's own accounts say of them: CPU
// time of the processes, and the time that their threads waited for a CPU.
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "foreign/foreign_server.h"
#include "harness/capture.h"
#include "harness/live_test.h"

namespace plateau::live {
namespace {

constexpr int kServerCpu = 1, kLoadCpu = 0;
constexpr int kLoadEndMs = 60'000;

std::vector<pid_t> processes_of(const ForeignServer& server) {
  std::vector<pid_t> pids = children_of(server.pid());
  pids.push_back(server.pid());
  return pids;
}

void pin(const ForeignServer& server, int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  for (const pid_t pid : processes_of(server))
    for (const pid_t tid : threads_of(pid)) sched_setaffinity(tid, sizeof set, &set);
}

// The kernel's account of the target so far, in seconds.
struct Account {
  double cpu = 0;      // utime and stime
  double waited = 0;   // for a CPU, by schedstat
  double idle = 0;     // of the CPU that it is pinned to
  double elapsed = 0;  // CLOCK_MONOTONIC
};

double idle_of(int cpu) {
  std::ifstream file("/proc/stat");
  const std::string name = "cpu" + std::to_string(cpu);
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string first;
    std::uint64_t user = 0, nice = 0, system = 0, idle = 0, iowait = 0;
    fields >> first >> user >> nice >> system >> idle >> iowait;
    if (first == name) return static_cast<double>(idle + iowait) / static_cast<double>(sysconf(_SC_CLK_TCK));
  }
  return 0;
}

Account account_of(const ForeignServer& server) {
  Account account{.idle = idle_of(kServerCpu), .elapsed = static_cast<double>(monotonic_ns()) / 1e9};
  for (const pid_t pid : processes_of(server)) {
    for (const pid_t tid : threads_of(pid)) {
      std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(tid) + "/schedstat");
      std::uint64_t ran = 0, waited = 0;
      file >> ran >> waited;
      account.cpu += static_cast<double>(ran) / 1e9;
      account.waited += static_cast<double>(waited) / 1e9;
    }
  }
  return account;
}

// What explain said, and what the kernel counted from its probes' first moment to its end: somewhat longer
// than it looked.
struct Look {
  nlohmann::json said;
  double busy = 0;    // CPUs in use by the target
  double queued = 0;  // its threads that waited for one, on average
  double idle = 0;    // of the CPU that it is pinned to, 0…1
};

Look look_at(const ForeignServer& server, const std::vector<std::string>& load_options) {
  std::vector<std::string> command = {
      PLATEAU_LOAD, "http://127.0.0.1:" + std::to_string(server.port()) + "/t/7", "--duration", "30s"};
  command.insert(command.end(), load_options.begin(), load_options.end());
  Child load(command, {.cpus = {kLoadCpu}});
  Capture capture(
      {"explain", "--pid", std::to_string(server.pid()), "--duration", "1500ms", "--format", "json"});
  EXPECT_TRUE(capture.ready()) << capture.child().err();
  const Account before = account_of(server);
  EXPECT_EQ(capture.finish(), 0) << capture.child().err();
  const Account after = account_of(server);
  load.signal(SIGINT);
  load.finish(kLoadEndMs);
  const double elapsed = after.elapsed - before.elapsed;
  return {nlohmann::json::parse(capture.child().out(), nullptr, false), (after.cpu - before.cpu) / elapsed,
          (after.waited - before.waited) / elapsed, (after.idle - before.idle) / elapsed};
}

// CPUs in use by the target, as explain has it.
double own_share(const Look& look) {
  return look.said["target"]["cpu_s"].get<double>() * 1e9 / look.said["duration_ns"].get<double>();
}

class Evidence : public LiveTestWith<const char*> {};

INSTANTIATE_TEST_SUITE_P(Of, Evidence, testing::Values("nginx", "go", "go_fasthttp"),
                         [](const auto& server) { return std::string(server.param); });

TEST_P(Evidence, OfTheKernelSupportsTheVerdict) {
  const Recipe& recipe = recipe_named(GetParam());
  if (const std::string why = missing(recipe); !why.empty()) GTEST_SKIP() << why;
  if (sysconf(_SC_NPROCESSORS_ONLN) < 2) GTEST_SKIP() << "server and load need a CPU each";
  ForeignServer server(recipe);
  ASSERT_NE(server.port(), 0) << server.child().err();
  pin(server, kServerCpu);

  // Others may have a part of the CPU: it is used up all the same.
  const Look hard = look_at(server, {"--connections", "64"});
  ASSERT_TRUE(hard.said.is_object());
  EXPECT_EQ(hard.said["verdict"]["cause"], "cpu_bound") << hard.said["verdict"];
  EXPECT_LT(hard.idle, 0.15) << hard.said["verdict"];
  EXPECT_NEAR(own_share(hard), hard.busy, 0.15) << hard.said["verdict"];

  const Look light = look_at(server, {"--connections", "4", "--rate", "199"});
  ASSERT_TRUE(light.said.is_object());
  const std::set<std::string> at_leisure = {"none", "client_bound"};
  EXPECT_TRUE(at_leisure.contains(light.said["verdict"]["cause"])) << light.said["verdict"];
  EXPECT_NEAR(own_share(light), light.busy, 0.05);
  EXPECT_LT(light.busy, 0.3);
  EXPECT_LT(light.queued, hard.queued + 0.1);
}

}  // namespace
}  // namespace plateau::live
