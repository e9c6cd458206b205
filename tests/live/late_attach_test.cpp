// A server that has been running, and is at work, when plateau comes.
#include <csignal>
#include <map>
#include <string>
#include <vector>

#include "harness/folder.h"
#include "harness/http_client.h"
#include "harness/live_test.h"
#include "harness/server_kind.h"

namespace plateau::live {
namespace {

constexpr std::size_t kConnections = 64;

std::string server_name(const testing::TestParamInfo<ServerKind>& info) {
  return info.param.name;
}

class LateAttach : public LiveTestWith<ServerKind> {
 protected:
  void SetUp() override {
    LiveTestWith<ServerKind>::SetUp();
    if (const std::string why = GetParam().missing(); !why.empty()) GTEST_SKIP() << why;
  }
};

INSTANTIATE_TEST_SUITE_P(Servers, LateAttach, testing::ValuesIn(kServerKinds), server_name);

// Opens connections and has each accepted and answered once, so that they are idle afterwards.
std::vector<HttpConnection> idle_connections(const Server& server) {
  std::vector<HttpConnection> connections;
  for (std::size_t i = 0; i < kConnections; ++i) {
    connections.emplace_back(server.port());
    EXPECT_EQ(connections.back().exchange("/").status, 200);
  }
  return connections;
}

TEST_P(LateAttach, SeesEveryRequestOfOpenConnectionsAndMarksTheFirstOfEach) {
  Server server = GetParam().start();
  ASSERT_NE(server.port(), 0) << server.child().err();
  std::vector<HttpConnection> connections = idle_connections(server);
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  std::map<std::string, Answer> answers;
  for (std::uint64_t round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < kConnections; ++i) {
      const std::string path = server.distinct_path(round * kConnections + i);
      answers[path] = connections[i].exchange(path);
      ASSERT_EQ(answers[path].status, 200);
    }
  }
  capture.settle(3 * kConnections);
  EXPECT_EQ(capture.stop(SIGINT), 0);

  const std::vector<SeenRequest> seen = capture.requests();
  EXPECT_EQ(seen.size(), 3 * kConnections);
  for (const SeenRequest& request : seen) {
    const Answer& answer = answers[request.path];
    ASSERT_EQ(request.peer, answer.peer) << request.path;
    ASSERT_EQ(request.status, 200) << request.path;
    ASSERT_EQ(request.bytes_out, answer.bytes) << request.path;
    // The client's first request on the connection went before the capture.
    ASSERT_EQ(request.seq + 1, answer.seq) << request.path;
    ASSERT_EQ(request.partial, request.seq == 0) << request.path;
    ASSERT_EQ(request.framing, "exact") << request.path;
  }
}

class SlowResponse : public LiveTestWith<const char*> {};

INSTANTIATE_TEST_SUITE_P(Engines, SlowResponse, testing::Values("epoll", "thread", "io_uring"),
                         [](const auto& engine) { return std::string(engine.param); });

// The request is read before the probes are live: when it came is not known, and no figure is made up.
TEST_P(SlowResponse, UnderWayAtAttachIsPartialAndHasNoLatency) {
  Server server = start_httpd({"--engine", GetParam(), "--sleep", "1s"});
  ASSERT_NE(server.port(), 0);
  HttpConnection client(server.port());
  ASSERT_EQ(client.exchange("/users/5").status, 200);
  ASSERT_TRUE(client.send("/status/503", true));
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  while (client.receive() == HttpConnection::Progress::incomplete) {
  }
  ASSERT_EQ(client.answer().status, 503);
  ASSERT_EQ(client.exchange("/users/7").status, 200);
  capture.settle(2);
  EXPECT_EQ(capture.stop(SIGINT), 0);

  const std::vector<SeenRequest> seen = capture.requests();
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_TRUE(seen[0].partial);
  EXPECT_FALSE(seen[0].latency_ns.has_value());
  EXPECT_EQ(seen[0].status, 503);
  EXPECT_FALSE(seen[1].partial);
  EXPECT_EQ(seen[1].path, "/users/7");
  ASSERT_TRUE(seen[1].latency_ns.has_value());
  EXPECT_GE(*seen[1].latency_ns, 1'000'000'000u);
  EXPECT_LE(*seen[1].latency_ns, 1'200'000'000u);
}

}  // namespace
}  // namespace plateau::live
