// A client that knows how many requests it sent and what came back for each, against what plateau saw.
#include <algorithm>
#include <csignal>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "harness/http_client.h"
#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/server_kind.h"

namespace plateau::live {
namespace {

struct Shape {
  std::size_t connections;
  std::size_t requests;  // a prime: no even share for any connection
};

using Case = std::tuple<ServerKind, Shape, bool>;

std::string case_name(const testing::TestParamInfo<Case>& info) {
  const auto& [kind, shape, keep_alive] = info.param;
  return std::string(kind.name) + "_" + std::to_string(shape.connections) + "_keepalive_" +
         (keep_alive ? "on" : "off");
}

class Counted : public LiveTestWith<Case> {
 protected:
  void SetUp() override {
    LiveTestWith<Case>::SetUp();
    const ServerKind& kind = std::get<0>(GetParam());
    if (const std::string why = kind.missing(); !why.empty()) GTEST_SKIP() << why;
  }
};

// What has to hold of every request whatever was asked.
void expect_all_exact(const std::vector<SeenRequest>& seen, const std::string& log) {
  EXPECT_EQ(log, "plateau: ready\n") << "something was lost, or not understood";
  for (const SeenRequest& request : seen) {
    ASSERT_EQ(request.framing, "exact") << request.peer << " " << request.seq;
    ASSERT_EQ(request.outcome, "answered") << request.peer << " " << request.seq;
    ASSERT_FALSE(request.partial) << request.peer << " " << request.seq;
    ASSERT_TRUE(request.latency_ns.has_value()) << request.peer << " " << request.seq;
  }
}

using ExactCount = Counted;

INSTANTIATE_TEST_SUITE_P(Servers, ExactCount,
                         testing::Combine(testing::ValuesIn(kServerKinds),
                                          testing::Values(Shape{1, 2003}, Shape{400, 5009}), testing::Bool()),
                         case_name);

TEST_P(ExactCount, SeesAsManyRequestsAsWereSent) {
  const auto& [kind, shape, keep_alive] = GetParam();
  Server server = kind.start();
  ASSERT_NE(server.port(), 0) << server.child().err();
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  ASSERT_EQ(run_load(server, {"--connections", std::to_string(shape.connections), "--requests",
                              std::to_string(shape.requests), "--keepalive", keep_alive ? "on" : "off"}),
            shape.requests);
  capture.settle(shape.requests);
  EXPECT_EQ(capture.stop(SIGINT), 0);
  const std::vector<SeenRequest> seen = capture.requests();
  EXPECT_EQ(seen.size(), shape.requests);
  expect_all_exact(seen, capture.child().err());
}

using Pairing = Counted;

INSTANTIATE_TEST_SUITE_P(Servers, Pairing,
                         testing::Combine(testing::ValuesIn(kServerKinds), testing::Values(Shape{64, 5003}),
                                          testing::Bool()),
                         case_name);

TEST_P(Pairing, GivesEachPathItsOwnAnswerAndConnection) {
  const auto& [kind, shape, keep_alive] = GetParam();
  Server server = kind.start();
  ASSERT_NE(server.port(), 0) << server.child().err();
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < shape.requests; ++i) paths.push_back(server.distinct_path(i));
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  const std::vector<Answer> answers = fetch_all(server.port(), paths, shape.connections, keep_alive);
  ASSERT_EQ(answers.size(), shape.requests);
  capture.settle(shape.requests);
  EXPECT_EQ(capture.stop(SIGINT), 0);

  const std::vector<SeenRequest> seen = capture.requests();
  expect_all_exact(seen, capture.child().err());
  std::map<std::string, SeenRequest> by_path;
  for (const SeenRequest& request : seen)
    EXPECT_TRUE(by_path.emplace(request.path, request).second) << request.path;
  ASSERT_EQ(by_path.size(), shape.requests);
  for (const Answer& answer : answers) {
    ASSERT_TRUE(by_path.contains(answer.path)) << answer.path;
    const SeenRequest& request = by_path[answer.path];
    ASSERT_EQ(request.bytes_out, answer.bytes) << answer.path;
    ASSERT_EQ(request.status, answer.status) << answer.path;
    ASSERT_EQ(request.peer, answer.peer) << answer.path;
    ASSERT_EQ(request.seq, answer.seq) << answer.path;
    ASSERT_EQ(request.method, "GET") << answer.path;
  }
}

}  // namespace
}  // namespace plateau::live
