// Exact counts between plateau-load and plateau-httpd, the planted ceiling, and what the load generator says
// when things go wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <string>
#include <tuple>

#include "server.h"

namespace plateau::e2e {
namespace {

struct Shape {
  const char* connections;
  std::uint64_t requests;  // primes: no even share for any connection
};

using Counted = std::tuple<const char*, Shape, const char*>;

std::string counted_name(const testing::TestParamInfo<Counted>& info) {
  const auto& [engine, shape, keep_alive] = info.param;
  return std::string(engine) + "_" + shape.connections + "_keepalive_" + keep_alive;
}

class ExactCount : public testing::TestWithParam<Counted> {};

INSTANTIATE_TEST_SUITE_P(Loads, ExactCount,
                         testing::Combine(testing::Values("thread", "epoll"),
                                          testing::Values(Shape{"1", 1009}, Shape{"64", 4001},
                                                          Shape{"400", 6007}),
                                          testing::Values("on", "off")),
                         counted_name);

TEST_P(ExactCount, IsSentAndAnswered) {
  const auto& [engine, shape, keep_alive] = GetParam();
  Server server({"--engine", engine});
  ASSERT_NE(server.port(), 0);
  const LoadResult result = run_load(server, {"--connections", shape.connections, "--requests",
                                              std::to_string(shape.requests), "--keepalive", keep_alive});
  EXPECT_EQ(result.exit_status, 0) << result.json;
  EXPECT_EQ(result.json["sent"], shape.requests);
  EXPECT_EQ(result.json["answered"], shape.requests);
  EXPECT_EQ(result.json["status"]["2xx"], shape.requests);
  const bool reused = std::string(keep_alive) == "on";
  EXPECT_EQ(result.json["connects"], reused ? std::stoull(shape.connections) : shape.requests);
  EXPECT_EQ(server.stop(), 0);
}

class Engines : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Engines, Engines, testing::Values("thread", "epoll"),
                         [](const auto& engine) { return std::string(engine.param); });

TEST_P(Engines, AnswerPipelinesExactly) {
  Server server({"--engine", GetParam()});
  const LoadResult result =
      run_load(server, {"--connections", "7", "--pipeline", "16", "--requests", "10007"});
  EXPECT_EQ(result.exit_status, 0) << result.json;
  EXPECT_EQ(result.json["answered"], 10007);
}

// The server closes after every 10th request, in the middle of pipelines.
TEST_P(Engines, CloseConnectionsWithoutLosingRequests) {
  Server server({"--engine", GetParam(), "--requests-per-connection", "10"});
  for (const char* const pipeline : {"1", "4"}) {
    const LoadResult result =
        run_load(server, {"--connections", "13", "--requests", "2003", "--pipeline", pipeline});
    EXPECT_EQ(result.exit_status, 0) << result.json;
    EXPECT_EQ(result.json["answered"], 2003) << result.json;
    EXPECT_GE(result.json["connects"], 201) << result.json;
  }
}

TEST_P(Engines, TakeBodiesAndOddResponses) {
  Server server({"--engine", GetParam(), "--body", "buffered", "--size", "9000"});
  const LoadResult posts = run_load(server, {"--connections", "5", "--requests", "211", "--method", "POST",
                                             "--path", "/echo", "--body-size", "100000"});
  EXPECT_EQ(posts.exit_status, 0) << posts.json;
  EXPECT_EQ(posts.json["status"]["2xx"], 211);
  const LoadResult mixed =
      run_load(server, {"--connections", "5", "--requests", "500", "--path", "/", "--path", "/chunked/50000",
                        "--path", "/status/204", "--path", "/status/503", "--path", "/bytes/0"});
  EXPECT_EQ(mixed.exit_status, 0) << mixed.json;
  EXPECT_EQ(mixed.json["status"]["2xx"], 400);
  EXPECT_EQ(mixed.json["status"]["5xx"], 100);
  const LoadResult heads = run_load(server, {"--connections", "5", "--requests", "101", "--method", "HEAD"});
  EXPECT_EQ(heads.exit_status, 0) << heads.json;
}

// Nothing can lift the rate above the ceiling; a machine busy with other things can lower it, so the best of
// three runs has to reach it.
TEST(Ceiling, OfThePlateauIsOneOverTheHold) {
  constexpr double kCeiling = 1e9 / 340'000;
  Server server({"--preset", "plateau"});
  double best = 0;
  for (int run = 0; run < 3 && best < 0.95 * kCeiling; ++run) {
    const LoadResult result = run_load(server, {"--connections", "400", "--duration", "5s"});
    ASSERT_EQ(result.exit_status, 0) << result.json;
    best = std::max(best, result.json["throughput"].get<double>());
    ASSERT_LE(best, 1.05 * kCeiling) << result.json;
  }
  EXPECT_GE(best, 0.95 * kCeiling);
  EXPECT_EQ(server.stop(), 0);
}

// No machine connects 2003 times in 5 ms.
TEST(LoadCommand, TimeOfAClosedLoopBeginsWithItsConnections) {
  Server server({"--engine", "thread"});
  for (const char* const threads : {"1", "2"}) {
    const LoadResult result =
        run_load(server, {"--connections", "2003", "--duration", "5ms", "--threads", threads});
    EXPECT_EQ(result.exit_status, 0) << result.err;
    EXPECT_EQ(result.json["connects"], 2003) << result.json;
    EXPECT_GT(result.json["answered"], 0) << result.json;
    EXPECT_EQ(result.json["answered"], result.json["sent"]) << result.json;
  }
  EXPECT_EQ(server.stop(), 0);
}

TEST(LoadCommand, OpenLoopKeepsItsRate) {
  Server server({"--preset", "fast"});
  const LoadResult result = run_load(server, {"--connections", "32", "--rate", "1000", "--duration", "2s"});
  EXPECT_EQ(result.exit_status, 0) << result.json;
  EXPECT_EQ(result.json["answered"], 2000);
  EXPECT_NEAR(result.json["throughput"].get<double>(), 1000, 50);
}

// No coordinated omission: one connection, 20 ms a request, 100 planned a second. Half of the plan cannot be
// kept, and the last sends are about half the run late.
TEST(LoadCommand, OpenLoopCountsLatencyFromThePlan) {
  Server server({"--preset", "fast", "--sleep", "20ms"});
  const LoadResult result = run_load(server, {"--connections", "1", "--rate", "100", "--requests", "100"});
  EXPECT_EQ(result.exit_status, 0) << result.json;
  EXPECT_GE(result.json["latency_ns"]["max"].get<double>(), 0.9e9) << result.json;
}

TEST(LoadCommand, CountsTimeouts) {
  Server server({"--preset", "fast", "--sleep", "2s"});
  const LoadResult result = run_load(server, {"--connections", "1", "--requests", "1", "--timeout", "200ms"});
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_EQ(result.json["errors"]["timeout"], 1) << result.json;
}

TEST(LoadCommand, PrintsTheResultWhenInterrupted) {
  Server server({"--preset", "fast"});
  for (const int signal : {SIGINT, SIGTERM}) {
    Process load({PLATEAU_LOAD, server.url(), "--json", "--connections", "4", "--threads", "2", "--log",
                  "/dev/stderr"});
    ASSERT_NE(load.wait_for_line("\"seq\":1000,", 20'000), "");
    load.signal(signal);
    EXPECT_EQ(load.finish(20'000), 0);
    const auto json = nlohmann::json::parse(load.out(), nullptr, false);
    EXPECT_EQ(json["interrupted"], true) << load.out();
    EXPECT_GT(json["answered"], 1000);
  }
}

TEST(LoadCommand, SaysThatNobodyListens) {
  std::uint16_t port = 0;
  {
    Server server({});
    port = server.port();
    ASSERT_EQ(server.stop(), 0);
  }
  Process load({PLATEAU_LOAD, "http://127.0.0.1:" + std::to_string(port) + "/", "--requests", "1"});
  EXPECT_EQ(load.finish(20'000), 1);
  EXPECT_NE(load.err().find("Connection refused"), std::string::npos) << load.err();
}

TEST(LoadCommand, RefusesBadUsage) {
  Process load({PLATEAU_LOAD, "http://127.0.0.1:1/", "--duration", "5"});
  EXPECT_EQ(load.finish(10'000), 2);
  EXPECT_EQ(load.out(), "");
}

}  // namespace
}  // namespace plateau::e2e
