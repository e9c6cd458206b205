// The server's truth log against the load generator's own log.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "raw_client.h"
#include "server.h"

namespace plateau::e2e {
namespace {

using Key = std::pair<std::string, std::uint64_t>;  // peer and seq
using Lines = std::map<Key, nlohmann::json>;

Lines read_log(const std::string& path) {
  Lines lines;
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) {
    nlohmann::json line = nlohmann::json::parse(text);
    const Key key{line["peer"], line["seq"]};
    EXPECT_TRUE(lines.emplace(key, std::move(line)).second) << "twice: " << text;
  }
  return lines;
}

class TruthLog : public testing::TestWithParam<const char*> {
 protected:
  TruthLog()
      : truth_(testing::TempDir() + "e2e-truth-" + std::to_string(::getpid()) + ".jsonl"),
        load_(testing::TempDir() + "e2e-load-" + std::to_string(::getpid()) + ".jsonl") {}
  ~TruthLog() override {
    std::remove(truth_.c_str());
    std::remove(load_.c_str());
  }

  // Runs 1009 requests over 16 connections at a time against a server with `switches`.
  void run(std::vector<std::string> switches) {
    const std::vector<std::string> engine = engine_of(GetParam());
    switches.insert(switches.end(), engine.begin(), engine.end());
    switches.insert(switches.end(), {"--truth", truth_});
    if (has_stamps()) switches.insert(switches.end(), {"--truth-stamps", "on"});
    Server server(switches);
    ASSERT_NE(server.port(), 0);
    const LoadResult result =
        run_load(server, {"--connections", "16", "--requests", "1009", "--path", "/", "--path",
                          "/users/5?q=1", "--path", "/status/404", "--log", load_});
    ASSERT_EQ(result.exit_status, 0) << result.json;
    ASSERT_EQ(server.stop(), 0);
  }

  // The same; fills both maps.
  void record(std::vector<std::string> switches) {
    run(std::move(switches));
    truth_lines_ = read_log(truth_);
    load_lines_ = read_log(load_);
  }

  static std::vector<std::string> engine_of(std::string_view name) {
    if (name == "fast") return {"--preset", "fast"};
    if (name == "fast_io_uring") return {"--preset", "fast-io_uring"};
    return {"--engine", std::string(name)};
  }
  // A ring has none; with them, nothing is answered from memory.
  static bool has_stamps() {
    const std::string_view name = GetParam();
    return name != "io_uring" && !name.starts_with("fast");
  }
  // Every answer is sent, and the hand-over between threads is part of the pool.
  static std::size_t always_there() { return std::string_view(GetParam()) == "pool" ? 2 : 1; }

  std::string truth_;
  std::string load_;
  Lines truth_lines_;
  Lines load_lines_;
};

INSTANTIATE_TEST_SUITE_P(Engines, TruthLog,
                         testing::Values("thread", "epoll", "reuseport", "pool", "io_uring", "fast",
                                         "fast_io_uring"),
                         [](const auto& engine) { return std::string(engine.param); });

TEST_P(TruthLog, HoldsEveryRequestOnceAndAgreesWithTheClient) {
  record({});
  ASSERT_EQ(truth_lines_.size(), 1009u);
  ASSERT_EQ(load_lines_.size(), 1009u);
  for (const auto& [key, sent] : load_lines_) {
    ASSERT_TRUE(truth_lines_.contains(key)) << sent;
    const nlohmann::json& truth = truth_lines_[key];
    EXPECT_EQ(truth["status"], sent["status"]);
    EXPECT_EQ(truth["bytes_out"], sent["bytes"]);
    EXPECT_LE(sent["sent_ns"], truth["read_ns"]) << truth << sent;
    EXPECT_LE(truth["read_ns"], truth["write_ns"]);
    EXPECT_EQ(truth["stages"].size(), always_there());
    EXPECT_LE(truth["read_ns"], truth["stages"]["send"][0]) << truth;
    EXPECT_LE(truth["stages"]["send"][0], truth["stages"]["send"][1]) << truth;
    EXPECT_EQ(truth["stages"]["send"][1], truth["write_ns"]);
    if (!has_stamps()) {
      EXPECT_EQ(truth["rx_ns"], 0);
      continue;
    }
    // A microsecond for the conversion of the kernel's real-time stamp.
    EXPECT_GE(truth["rx_ns"].get<std::uint64_t>() + 1'000, sent["sent_ns"].get<std::uint64_t>())
        << truth << sent;
    EXPECT_LE(truth["rx_ns"].get<std::uint64_t>(), truth["read_ns"].get<std::uint64_t>() + 1'000);
  }
}

TEST_P(TruthLog, TimesThePlantedStages) {
  record({"--section", "global", "--hold", "100us", "--sleep", "200us", "--spin", "50us"});
  ASSERT_EQ(truth_lines_.size(), 1009u);
  for (const auto& [key, truth] : truth_lines_) {
    const auto length = [&stages = truth["stages"]](const char* name) {
      return stages[name][1].get<std::int64_t>() - stages[name][0].get<std::int64_t>();
    };
    ASSERT_EQ(truth["stages"].size(), 4 + always_there()) << truth;
    EXPECT_GE(length("section_wait"), 0);
    EXPECT_GE(length("section_hold"), 0);
    EXPECT_GE(length("sleep"), 200'000);
    EXPECT_GE(length("spin"), 50'000);
    EXPECT_EQ(truth["stages"]["section_wait"][1], truth["stages"]["section_hold"][0]);
    EXPECT_LE(truth["read_ns"], truth["stages"]["section_wait"][0]);
    EXPECT_LE(truth["stages"]["spin"][1], truth["stages"]["send"][0]);
  }
}

TEST_P(TruthLog, NumbersConnectionsAndRequests) {
  run({"--keepalive", "off"});  // a peer's port may come again
  std::set<std::uint64_t> connections;
  std::ifstream file(truth_);
  for (std::string line; std::getline(file, line);) {
    const auto truth = nlohmann::json::parse(line);
    EXPECT_EQ(truth["seq"], 0);
    connections.insert(truth["conn"].get<std::uint64_t>());
  }
  EXPECT_EQ(connections.size(), 1009u);
  EXPECT_EQ(*connections.begin(), 1u);
}

// The kernel begins to stamp some milliseconds after the first socket has asked for it, unless another one on
// this machine has: the first request comes as early as it can.
TEST(TruthStamps, AreThereFromTheFirstRequestOn) {
  const std::string log = testing::TempDir() + "e2e-stamps-" + std::to_string(::getpid()) + ".jsonl";
  for (int round = 0; round < 11; ++round) {
    Server server({"--truth", log, "--truth-stamps", "on"});
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET /users/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    client.read_to_end();
    ASSERT_EQ(server.stop(), 0);
    EXPECT_EQ(server.err().find("--truth-stamps"), std::string::npos) << server.err();
    const Lines lines = read_log(log);
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_NE(lines.begin()->second["rx_ns"], 0) << lines.begin()->second;
  }
  std::remove(log.c_str());
}

}  // namespace
}  // namespace plateau::e2e
