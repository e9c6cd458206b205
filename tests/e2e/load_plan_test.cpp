// When requests and connections come: ramps, rate steps, threads, weighted targets, and latency from the
// plan.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "base/clock.h"
#include "scripted_server.h"
#include "server.h"

namespace plateau::e2e {
namespace {

constexpr std::uint64_t kMs = 1'000'000;

void answer_all(Peer& peer, int) {
  while (!peer.read_head().empty()) peer.answer("ok");
}

TEST(LoadRamp, OpensConnectionsEvenly) {
  ScriptedServer server(answer_all);
  const std::uint64_t before = monotonic_ns();
  const LoadResult result = run_load(
      server.url(), {"--connections", "20", "--ramp", "1s", "--rate", "200", "--duration", "1500ms"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(result.json["connects"], 20);
  const std::vector<std::uint64_t> accepted = server.accepted();
  ASSERT_EQ(accepted.size(), 20u);
  for (std::size_t i = 0; i < accepted.size(); ++i) EXPECT_GE(accepted[i], before + i * 50 * kMs) << i;
  EXPECT_LT(accepted.front(), before + 900 * kMs);
}

TEST(LoadRamp, SaysWhenThereAreTooFewFiles) {
  ScriptedServer server(answer_all);
  Process load(
      {"/bin/sh", "-c", "ulimit -n 50 && exec \"$0\" \"$1\" --connections 100", PLATEAU_LOAD, server.url()});
  EXPECT_EQ(load.finish(20'000), 1);
  EXPECT_NE(load.err().find("Too many open files; raise the limit"), std::string::npos) << load.err();
}

TEST(LoadSteps, HaveAResultEach) {
  ScriptedServer server(answer_all);
  const LoadResult result =
      run_load(server.url(), {"--connections", "8", "--rate", "101,503,211", "--step", "1s"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(result.json["answered"], 815);
  const auto& steps = result.json["steps"];
  ASSERT_EQ(steps.size(), 3u);
  const std::vector<int> rates = {101, 503, 211};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(steps[i]["rate"], rates[i]);
    EXPECT_EQ(steps[i]["planned"], rates[i]);
    EXPECT_EQ(steps[i]["answered"], rates[i]);
    EXPECT_EQ(steps[i]["status"]["2xx"], rates[i]);
    EXPECT_NEAR(steps[i]["throughput"].get<double>(), rates[i], 0.1 * rates[i]);
    EXPECT_GT(steps[i]["latency_ns"]["p50"], 0);
  }
}

// Four answers at a time, each after 20 ms: 200/s. A plan of 100/s is kept; one of 400/s falls behind from
// its start on, its requests wait longer and longer, and the throughput stays at the ceiling.
TEST(LoadSteps, ShowWhereTheServerFallsBehind) {
  Server server({"--preset", "fast", "--sleep", "20ms", "--engine", "thread"});
  const LoadResult result = run_load(server, {"--connections", "4", "--rate", "100,400", "--step", "1s"});
  EXPECT_EQ(result.exit_status, 1);
  const auto& steps = result.json["steps"];
  EXPECT_EQ(steps[0]["answered"], 100) << result.json;
  EXPECT_LE(steps[1]["throughput"].get<double>(), 210) << result.json;
  EXPECT_GE(steps[1]["latency_ns"]["max"].get<double>(), 350e6) << result.json;
  const int unsent = result.json["unsent"];
  EXPECT_GE(unsent, 150) << result.json;
  EXPECT_EQ(steps[1]["planned"].get<int>() - steps[1]["sent"].get<int>(), unsent) << result.json;
  EXPECT_NE(result.err.find("planned but never sent"), std::string::npos) << result.err;
}

// A stall of 500 ms, 1000 requests planned a second: the 200 that were due in its first 200 ms wait 300 ms at
// least, though only eight requests, one a connection, see the stall from their actual send.
TEST(LoadLatency, CountsEveryRequestThatAStallKeepsWaiting) {
  std::mutex gate;
  std::atomic<int> answered = 0;
  ScriptedServer server([&](Peer& peer, int) {
    while (!peer.read_head().empty()) {
      const std::lock_guard lock(gate);
      if (++answered == 503) std::this_thread::sleep_for(std::chrono::milliseconds(500));
      peer.answer("ok");
    }
  });
  const LoadResult result =
      run_load(server.url(), {"--connections", "8", "--rate", "1000", "--requests", "2000"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(result.json["answered"], 2000);
  EXPECT_GE(result.json["latency_ns"]["p90"].get<double>(), 280e6) << result.json;
  EXPECT_GE(result.json["latency_ns"]["max"].get<double>(), 490e6) << result.json;
}

// The lower bound is exact; the upper one leaves room for a busy machine in the median, little in the
// minimum.
TEST(LoadLatency, IsThatOfAKnownSleep) {
  Server server({"--preset", "fast", "--sleep", "10ms"});
  const LoadResult result = run_load(server, {"--requests", "101"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  const auto& latency = result.json["latency_ns"];
  EXPECT_GE(latency["min"].get<double>(), 10.0e6) << latency;
  EXPECT_LE(latency["min"].get<double>(), 10.5e6) << latency;
  EXPECT_LE(latency["p50"].get<double>(), 12.0e6) << latency;
}

TEST(LoadTargets, HaveExactlyTheirShares) {
  std::mutex mutex;
  std::map<std::string, int> seen;
  ScriptedServer server([&](Peer& peer, int) {
    for (std::string head = peer.read_head(); !head.empty(); head = peer.read_head()) {
      {
        const std::lock_guard lock(mutex);
        ++seen[head.substr(0, head.find(" HTTP"))];
      }
      peer.answer("ok");
    }
  });
  for (const char* const threads : {"1", "3"}) {
    seen.clear();
    const LoadResult result =
        run_load(server.url(), {"--connections", "7", "--threads", threads, "--requests", "700", "--seed",
                                "11", "--target", "/a@4", "--target", "/b@2", "--path", "/c"});
    EXPECT_EQ(result.exit_status, 0) << result.err;
    EXPECT_EQ(seen, (std::map<std::string, int>{{"GET /a", 400}, {"GET /b", 200}, {"GET /c", 100}}));
  }
}

TEST(LoadThreads, SendExactlyWhatWasAskedForAndLogIt) {
  Server server({"--preset", "fast"});
  Process load({PLATEAU_LOAD, server.url(), "--threads", "3", "--connections", "7", "--requests", "5003",
                "--pipeline", "2", "--json", "--log", "/dev/stderr"});
  EXPECT_EQ(load.finish(60'000), 0);
  const auto json = nlohmann::json::parse(load.out(), nullptr, false);
  EXPECT_EQ(json["answered"], 5003);
  EXPECT_EQ(json["connects"], 7);
  std::set<std::pair<std::string, int>> seen;
  std::size_t begin = 0;
  for (std::size_t end; (end = load.err().find('\n', begin)) != std::string::npos; begin = end + 1) {
    const auto line = nlohmann::json::parse(load.err().substr(begin, end - begin), nullptr, false);
    ASSERT_TRUE(line.is_object()) << load.err().substr(begin, end - begin);
    seen.emplace(line["peer"], line["seq"]);
  }
  EXPECT_EQ(seen.size(), 5003u);
}

}  // namespace
}  // namespace plateau::e2e
