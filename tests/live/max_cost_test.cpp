// A target to which looking at every request would cost more than is allowed.
#include <csignal>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/http_client.h"
#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/server_kind.h"

namespace plateau::live {
namespace {

using MaxCost = LiveTest;

TEST_F(MaxCost, PausesAndStillPairsEachAnswerWithItsRequest) {
  Server server = start_httpd({"--engine", "epoll"});
  ASSERT_NE(server.port(), 0);
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < 200'003; ++i) paths.push_back("/users/" + std::to_string(i));
  Capture capture(requests_of(server.pid(), "0.5%"));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  std::map<std::string, Answer> answers;
  for (const Answer& answer : fetch_all(server.port(), paths, 64, true)) answers[answer.path] = answer;
  ASSERT_EQ(answers.size(), paths.size());
  EXPECT_EQ(capture.stop(SIGINT), 0);

  const std::string log = capture.child().err();
  EXPECT_NE(log.find("looking at a part of the time"), std::string::npos) << log;
  EXPECT_EQ(log.find("lost:"), std::string::npos) << log;
  const std::vector<SeenRequest> seen = capture.requests();
  EXPECT_LT(seen.size(), paths.size());
  std::size_t whole = 0;
  for (const SeenRequest& request : seen) {
    if (request.path.empty()) {  // read before somebody looked again
      ASSERT_TRUE(request.partial);
      continue;
    }
    ASSERT_TRUE(answers.contains(request.path)) << request.path;
    const Answer& answer = answers[request.path];
    ASSERT_EQ(request.bytes_out, answer.bytes) << request.path;
    ASSERT_EQ(request.status, answer.status) << request.path;
    ASSERT_EQ(request.peer, answer.peer) << request.path;
    whole += !request.partial;
  }
  EXPECT_GT(whole, 1'000u);
}

// The windows' figures are those of a capture that looks all along.
TEST_F(MaxCost, ChangesNoAverage) {
  Server server = start_httpd({"--engine", "epoll", "--spin", "20us"});
  ASSERT_NE(server.port(), 0);
  const auto explained = [&](const std::string& max_cost) {
    const Child load(load_command(server, {"--connections", "16", "--duration", "60s"}));
    const Ended ended = run_plateau({"explain", "--pid", std::to_string(server.pid()), "--duration", "5s",
                                     "--format", "json", "--max-cost", max_cost});
    EXPECT_EQ(ended.status, 0) << ended.err;
    return nlohmann::json::parse(ended.out);
  };
  const auto all = explained("off"), part = explained("0.5%");
  EXPECT_EQ(all["paused_ns"], 0);
  EXPECT_EQ(all["coverage"]["watched"], 1);
  EXPECT_LT(part["coverage"]["watched"], 0.6);
  EXPECT_GT(part["cost"]["full"], 0.005);
  EXPECT_EQ(part["coverage"]["requests"], 1);
  const auto ratio = [&](const auto& of) { return of(part) / of(all); };
  EXPECT_NEAR(ratio([](const nlohmann::json& run) {
                return run["total"]["stages_sum_ns"]["cpu"].get<double>() /
                       run["total"]["requests"].get<double>();
              }),
              1, 0.25);
  EXPECT_NEAR(ratio([](const nlohmann::json& run) { return run["verdict"]["throughput"].get<double>(); }), 1,
              0.35);
  EXPECT_NEAR(ratio([](const nlohmann::json& run) { return run["concurrency"].get<double>(); }), 1, 0.1);
}

}  // namespace
}  // namespace plateau::live
