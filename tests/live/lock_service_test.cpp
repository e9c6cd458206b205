// How long a contended lock serves one holder, also where it is hardly contended; and which of the kernel's
// own locks are waited for, and where in it.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "harness/child.h"
#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/server.h"

namespace plateau::live {
namespace {

class LockService : public LiveTestWith<const char*> {};

INSTANTIATE_TEST_SUITE_P(Connections, LockService, testing::Values("2", "3", "64"),
                         [](const auto& connections) { return std::string(connections.param); });

// Each request sleeps 3 ms beside its 2 ms in the section, so that two clients meet there now and then only.
TEST_P(LockService, IsTheTimeThatItsHolderHasIt) {
  Server server =
      start_httpd({"--engine", "thread", "--section", "global", "--hold", "2ms", "--sleep", "3ms"});
  ASSERT_NE(server.port(), 0);
  const Child load(load_command(server, {"--connections", GetParam(), "--duration", "60s"}));
  const Ended ended =
      run_plateau({"explain", "--pid", server.pid_text(), "--duration", "3s", "--format", "json"});
  ASSERT_EQ(ended.status, 0) << ended.err;
  const auto json = nlohmann::json::parse(ended.out);
  // Two clients never wait for it one behind the other: then no hold is seen from its beginning to its end.
  const bool told = std::string_view(GetParam()) != "2";
  for (const auto& lock : json["locks"]) {
    if (lock["request_waits"] < 20) continue;
    if (!told && lock["service_ns"] == 0) return;
    EXPECT_GE(lock["service_ns"], 1'500'000) << ended.out;
    EXPECT_LE(lock["service_ns"], 2'400'000) << ended.out;
    return;
  }
  ADD_FAILURE() << "no lock: " << ended.out;
}

using KernelLock = LiveTest;

// Of the waits for one kind of lock whose stack was looked at, the share of time in a part of the kernel.
double share_of(const nlohmann::json& lock, std::string_view stack_class) {
  double read = 0, there = 0, all = 0;
  for (const auto& part : lock.at("classes")) {
    const double ns = part.at("wait_sum_ns").get<double>();
    all += ns;
    if (part.at("class") != "unread") read += ns;
    if (part.at("class") == stack_class) there = ns;
  }
  EXPECT_EQ(all, lock.at("wait_sum_ns").get<double>()) << lock;
  return read > 0 ? there / read : 0;
}

// Threads that map and unmap memory of one process meet at its semaphore.
TEST_F(KernelLock, IsToldByKindAndPartOfTheKernel) {
  Server server = start_httpd({"--engine", "thread", "--page-fault", std::to_string(127 * 4096)});
  ASSERT_NE(server.port(), 0);
  const Child load(load_command(server, {"--connections", "16", "--duration", "60s"}));
  const Ended ended = run_plateau(
      {"explain", "--pid", server.pid_text(), "--duration", "2s", "--max-cost", "off", "--format", "json"});
  ASSERT_EQ(ended.status, 0) << ended.err;
  const auto json = nlohmann::json::parse(ended.out);
  double waited = 0, rwsem = 0;
  for (const auto& lock : json.at("kernel_locks")) {
    waited += lock.at("wait_sum_ns").get<double>();
    if (lock.at("kind") != "rwsem") continue;
    rwsem = lock["wait_sum_ns"].get<double>();
    EXPECT_GT(share_of(lock, "memory_map"), 0.95) << lock;
  }
  const double of_requests = json.at("total").at("stages_sum_ns").at("lock_kernel").get<double>();
  EXPECT_GT(of_requests, 0);
  EXPECT_GE(waited, 0.99 * of_requests) << json["kernel_locks"];
  EXPECT_GT(rwsem, 0.5 * waited) << json["kernel_locks"];
}

}  // namespace
}  // namespace plateau::live
