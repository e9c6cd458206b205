// Every planted bottleneck through the whole server: the truth log has its stage, and only that.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "process.h"
#include "server.h"

namespace plateau::e2e {
namespace {

struct Planted {
  const char* name;
  std::vector<std::string> switches;
  std::set<std::string> stages;  // of every request, beside the send
  const char* longest;           // the stage planted
  std::int64_t least_ns;         // of it
};

std::vector<Planted> planted() {
  return {
      {"sharded",
       {"--section", "sharded", "--shards", "2", "--hold", "100us"},
       {"section_hold", "section_wait"},
       "section_hold",
       0},
      {"spinning",
       {"--section", "global", "--hold", "20us", "--hold-kind", "spinning"},
       {"section_hold", "section_wait"},
       "section_hold",
       0},
      {"garbage", {"--garbage", "300000", "--memory", "fresh"}, {"garbage", "memory_cpu"}, "garbage", 1},
      {"page_fault", {"--page-fault", "300000"}, {"memory_cpu", "page_fault"}, "page_fault", 1},
      {"copy", {"--copy", "300000"}, {"copy", "memory_cpu"}, "copy", 1},
      {"disk", {"--disk", "4096", "--disk-dir", testing::TempDir()}, {"disk"}, "disk", 1},
      {"downstream",
       {"--downstream", "2", "--downstream-delay", "200us"},
       {"downstream", "pool_wait"},
       "downstream",
       200'000},
  };
}

class Bottleneck : public testing::TestWithParam<Planted> {
 protected:
  Bottleneck() : log_(testing::TempDir() + "e2e-planted-" + std::to_string(::getpid()) + ".jsonl") {}
  ~Bottleneck() override { std::remove(log_.c_str()); }

  // The log's lines after `requests` requests over 8 connections.
  std::vector<nlohmann::json> record(std::vector<std::string> switches, int requests) {
    switches.insert(switches.end(), {"--truth", log_});
    Server server(switches);
    EXPECT_NE(server.port(), 0);
    const LoadResult result =
        run_load(server, {"--connections", "8", "--requests", std::to_string(requests)});
    EXPECT_EQ(result.exit_status, 0) << result.json;
    EXPECT_EQ(server.stop(), 0);
    std::vector<nlohmann::json> lines;
    std::ifstream file(log_);
    for (std::string text; std::getline(file, text);) lines.push_back(nlohmann::json::parse(text));
    return lines;
  }

  std::string log_;
};

INSTANTIATE_TEST_SUITE_P(All, Bottleneck, testing::ValuesIn(planted()),
                         [](const auto& each) { return std::string(each.param.name); });

TEST_P(Bottleneck, IsInEveryRequestOfTheTruthLogAlone) {
  for (const char* const engine : {"thread", "epoll", "reuseport", "io_uring"}) {
    std::vector<std::string> switches = GetParam().switches;
    switches.insert(switches.end(), {"--engine", engine});
    const std::vector<nlohmann::json> lines = record(switches, 211);
    ASSERT_EQ(lines.size(), 211u) << engine;
    for (const nlohmann::json& line : lines) {
      std::set<std::string> stages;
      for (const auto& stage : line["stages"].items()) stages.insert(stage.key());
      ASSERT_EQ(stages.erase("send"), 1u) << line;
      ASSERT_EQ(stages, GetParam().stages) << line;
      const nlohmann::json& span = line["stages"][GetParam().longest];
      EXPECT_GE(span[1].get<std::int64_t>() - span[0].get<std::int64_t>(), GetParam().least_ns) << line;
      EXPECT_LE(line["read_ns"], span[0]);
      EXPECT_LE(span[1], line["write_ns"]);
    }
  }
}

using Pauses = Bottleneck;
INSTANTIATE_TEST_SUITE_P(All, Pauses, testing::Values(Planted{"pause", {}, {}, "", 0}),
                         [](const auto& each) { return std::string(each.param.name); });

TEST_P(Pauses, HoldUpTheRequestsThatComeInThem) {
  const std::vector<nlohmann::json> lines =
      record({"--pause", "20ms/60ms", "--sleep", "1ms", "--engine", "thread"}, 2003);
  std::size_t paused = 0;
  for (const nlohmann::json& line : lines) {
    if (!line["stages"].contains("pause")) continue;
    ++paused;
    const nlohmann::json& span = line["stages"]["pause"];
    EXPECT_LE(span[1], line["stages"]["sleep"][0]);
  }
  EXPECT_GT(paused, 0u);
  EXPECT_LT(paused, lines.size());
}

TEST(Zerocopy, SaysWhatTheKernelMadeOfIt) {
  Process process(
      {PLATEAU_HTTPD, "--port", "0", "--engine", "epoll", "--body", "zerocopy", "--size", "50021"});
  const std::string line = process.wait_for_line("listening on ", 10'000);
  const std::string url = "http://127.0.0.1:" + line.substr(line.rfind(':') + 1) + "/";
  Process load({PLATEAU_LOAD, url, "--connections", "4", "--requests", "101"});
  EXPECT_EQ(load.finish(30'000), 0) << load.err();
  process.signal(SIGTERM);
  EXPECT_EQ(process.finish(15'000), 0);
  EXPECT_NE(process.err().find("zerocopy: "), std::string::npos) << process.err();
  EXPECT_EQ(process.err().find("zerocopy: 0 sends"), std::string::npos) << process.err();
}

}  // namespace
}  // namespace plateau::e2e
