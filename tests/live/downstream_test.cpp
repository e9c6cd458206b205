// A server that asks another one before it answers, over connections that it opened before anybody looked.
#include <gmock/gmock.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/quantile.h"
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

  EXPECT_EQ(capture.child().err(), "plateau: ready\n");
  const std::vector<SeenRequest> seen = capture.requests();
  ASSERT_EQ(seen.size(), kRequests) << "a call to the downstream was taken for a request";
  std::vector<std::uint64_t> downstream;
  for (const SeenRequest& request : seen) {
    ASSERT_EQ(request.framing, "exact");
    ASSERT_EQ(stage_sum(request), request.latency_ns);
    downstream.push_back(request.stages.at("downstream"));
  }
  EXPECT_GE(quantile(downstream, 0.5), kDelayNs * 95 / 100);
  EXPECT_LE(quantile(downstream, 0.5), kDelayNs + 300'000);  // and the way there and back
}

}  // namespace
}  // namespace plateau::live
