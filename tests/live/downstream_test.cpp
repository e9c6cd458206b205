// A server that asks another one before it answers, over connections that it opened before anybody looked.
#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/quantile.h"
#include "harness/scrape.h"
#include "harness/server_kind.h"

namespace plateau::live {
namespace {

class Downstream : public LiveTestWith<const char*> {};

INSTANTIATE_TEST_SUITE_P(Engines, Downstream, testing::Values("thread", "epoll"),
                         [](const auto& engine) { return std::string(engine.param); });

TEST_P(Downstream, IsTheTimeThatItIsWaitedFor) {
  constexpr std::size_t kRequests = 211;
  constexpr std::uint64_t kDelayNs = 2'000'000;
  Server server = start_httpd({"--engine", GetParam(), "--downstream", "3", "--downstream-delay", "2ms"});
  ASSERT_NE(server.port(), 0) << server.child().err();
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  Capture report({"explain", "--pid", server.pid_text(), "--max-cost", "off", "--format", "json"});
  ASSERT_TRUE(report.ready()) << report.child().err();
  ASSERT_EQ(run_load(server, {"--connections", "1", "--requests", std::to_string(kRequests)}), kRequests);
  capture.settle(kRequests);
  EXPECT_EQ(capture.stop(SIGINT), 0);
  EXPECT_EQ(report.stop(SIGINT), 0);
  const auto told = nlohmann::json::parse(report.child().out(), nullptr, false)["downstream"];
  ASSERT_EQ(told["peers"].size(), 1u) << told;
  const auto& peer = told["peers"][0];
  EXPECT_THAT(peer["address"].get<std::string>(), testing::StartsWith("127.0.0.1:"));
  EXPECT_EQ(peer["calls"], kRequests);
  EXPECT_EQ(peer["answers"], kRequests);
  EXPECT_EQ(peer["calls_a_request"], 1.0);
  EXPECT_GE(peer["answer_sum_ns"].get<std::uint64_t>(), kRequests * kDelayNs * 95 / 100);
  EXPECT_EQ(told["lost_calls"], 0);
  EXPECT_EQ(told["by_request"]["requests"], kRequests);
  EXPECT_EQ(told["by_request"]["calls"], kRequests);
  EXPECT_EQ(told["by_request"]["most"], 1);

  EXPECT_EQ(capture.child().err(), "plateau: ready\n");
  const std::vector<SeenRequest> seen = capture.requests();
  ASSERT_EQ(seen.size(), kRequests) << "a call to the downstream was taken for a request";
  std::vector<std::uint64_t> downstream;
  for (const SeenRequest& request : seen) {
    ASSERT_EQ(request.framing, "exact");
    ASSERT_EQ(stage_sum(request), request.latency_ns);
    ASSERT_EQ(request.downstream_calls, 1u) << request.seq;
    downstream.push_back(request.stages.at("downstream"));
  }
  EXPECT_GE(quantile(downstream, 0.5), kDelayNs * 95 / 100);
  EXPECT_LE(quantile(downstream, 0.5), kDelayNs + 300'000);  // and the way there and back
}

// While a loop waits for the other server it is at no one else's service: they stand behind it, and it is the
// ceiling.
void expect_a_loop_that_asks(pid_t pid, std::uint16_t port, const std::string& connections) {
  Child load({PLATEAU_LOAD, "http://127.0.0.1:" + std::to_string(port) + "/", "--connections", "16",
              "--duration", "30s"});
  Capture capture({"explain", "--pid", std::to_string(pid), "--duration", "1s", "--format", "json"});
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  EXPECT_EQ(capture.finish(), 0) << capture.child().err();
  load.signal(SIGINT);
  load.finish(30'000);
  const auto said = nlohmann::json::parse(capture.child().out(), nullptr, false);
  ASSERT_TRUE(said.is_object()) << capture.child().out();
  const auto& verdict = said["verdict"];
  EXPECT_EQ(verdict["cause"], "loop_blocked") << verdict;
  EXPECT_NE(verdict.dump().find(connections + " to 127.0.0.1:"), std::string::npos) << verdict;
  const auto& total = said["total"];
  const double latency = total["latency_sum_ns"];
  EXPECT_GT(total["stages_sum_ns"]["busy_loop"].get<double>(), 0.7 * latency) << total;
  EXPECT_LT(total["stages_sum_ns"]["wakeup"].get<double>(), 0.1 * latency) << total;
  EXPECT_LT(total["stages_sum_ns"]["unattributed"].get<double>(), 0.05 * latency) << total;
}

using LoopThatAsks = LiveTest;

TEST_F(LoopThatAsks, IsTheCeilingAsleepInAReceive) {
  Server server = start_httpd({"--engine", "epoll", "--downstream", "3", "--downstream-delay", "2ms"});
  ASSERT_NE(server.port(), 0) << server.child().err();
  expect_a_loop_that_asks(server.pid(), server.port(), "3 connections");
}

TEST_F(LoopThatAsks, IsTheCeilingAsleepInAPollOfOneDescriptor) {
  if (access("/usr/bin/python3", X_OK) != 0) GTEST_SKIP() << "python3 is not here";
  const std::uint16_t port = free_port();
  Child server(
      {"/usr/bin/python3", PLATEAU_SOURCE_DIR "/tests/targets/python/asking.py", std::to_string(port)});
  ASSERT_FALSE(server.wait_for_line("ready", 30'000).empty()) << server.err();
  expect_a_loop_that_asks(server.pid(), port, "1 connection");
}

// One loop has one call under way at a time, so that calls are ahead of the requests that made them by one,
// and by what came between the reading of the one and of the other.
TEST_F(LoopThatAsks, HasItsCallsCountedAtTheMomentOfItsRequests) {
  if (const std::string why = missing_curl(); !why.empty()) GTEST_SKIP() << why;
  Server server = start_httpd({"--engine", "epoll", "--downstream", "1", "--downstream-delay", "200us"});
  ASSERT_NE(server.port(), 0) << server.child().err();
  const std::string page = "127.0.0.1:" + std::to_string(free_port());
  Capture attach({"attach", "--pid", server.pid_text(), "--listen", page, "--max-cost", "off"});
  ASSERT_TRUE(attach.ready()) << attach.child().err();
  Child load(load_command(server, {"--connections", "11", "--duration", "1m"}));
  std::vector<double> ahead;
  while (ahead.size() < 11) {
    const auto samples = samples_of(fetch("http://" + page + "/metrics"));
    const double calls = sum_of(samples, "plateau_downstream_calls_total");
    ASSERT_FALSE(samples.empty());
    if (calls > 0) ahead.push_back(calls - sum_of(samples, "http_server_request_duration_seconds_count"));
  }
  load.signal(SIGINT);
  load.finish(30'000);
  EXPECT_EQ(attach.stop(SIGINT), 0) << attach.child().err();
  EXPECT_GE(quantile(ahead, 0.5), 0);
  EXPECT_LE(quantile(ahead, 0.5), 3) << "reading processes and sockets takes milliseconds, a dozen requests";
}

}  // namespace
}  // namespace plateau::live
