// Stages add up to the latency on live captures, and the accounting did not have to be scaled down to it.
#include <csignal>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/server_kind.h"

namespace plateau::live {
namespace {

constexpr const char* kRequests = "10007";

std::string server_name(const testing::TestParamInfo<ServerKind>& info) {
  return info.param.name;
}

class Conservation : public LiveTestWith<ServerKind> {
 protected:
  void SetUp() override {
    LiveTestWith<ServerKind>::SetUp();
    if (const std::string why = GetParam().missing(); !why.empty()) GTEST_SKIP() << why;
  }
};

INSTANTIATE_TEST_SUITE_P(Servers, Conservation, testing::ValuesIn(kServerKinds), server_name);

TEST_P(Conservation, StagesOfEachRequestAddUpToItsLatency) {
  Server server = GetParam().start();
  ASSERT_NE(server.port(), 0) << server.child().err();
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  run_load(server, {"--connections", "64", "--requests", kRequests});
  capture.settle(10007);
  EXPECT_EQ(capture.stop(SIGINT), 0);
  const std::vector<SeenRequest> seen = capture.requests();
  ASSERT_EQ(seen.size(), 10007u);
  for (const SeenRequest& request : seen) {
    ASSERT_TRUE(request.latency_ns.has_value());
    ASSERT_EQ(stage_sum(request), *request.latency_ns) << request.peer << " " << request.seq;
    ASSERT_EQ(request.end_ns - request.ready_ns, *request.latency_ns) << request.peer << " " << request.seq;
  }
}

TEST_P(Conservation, HardlyAnyRequestIsChargedMoreThanItsLatency) {
  Server server = GetParam().start();
  ASSERT_NE(server.port(), 0) << server.child().err();
  Capture capture({"explain", "--pid", server.pid_text(), "--format", "json", "--duration", "60s", "--count",
                   kRequests, "--max-cost", "off"});
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  run_load(server, {"--connections", "64", "--requests", kRequests});
  EXPECT_EQ(capture.finish(), 0);
  const auto json = nlohmann::json::parse(capture.child().out(), nullptr, false);
  ASSERT_TRUE(json.is_object()) << capture.child().out();
  EXPECT_EQ(json["total"]["requests"], 10007);
  EXPECT_LE(json["coverage"]["overcharged"].get<int>(), 10) << json["coverage"];
  RecordProperty("overcharged", json["coverage"]["overcharged"].get<int>());
  std::uint64_t stages = 0;
  for (const auto& [name, ns] : json["total"]["stages_sum_ns"].items()) stages += ns.get<std::uint64_t>();
  EXPECT_EQ(stages, json["total"]["latency_sum_ns"].get<std::uint64_t>());
}

}  // namespace
}  // namespace plateau::live
