// Servers that receive and send through io_uring, each in another way: every request is seen with its own
// path, answer and data path, on connections that were open before and on new ones.
#include <csignal>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "harness/http_client.h"
#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/server.h"

namespace plateau::live {
namespace {

constexpr std::size_t kRequests = 1009;
constexpr std::size_t kConnections = 31;

struct Way {
  std::vector<std::string> switches;  // of tests/targets/ring
  const char* data_path;
};

void PrintTo(const Way& way, std::ostream* out) {
  for (const std::string& text : way.switches) *out << text << " ";
}

std::string way_name(const testing::TestParamInfo<Way>& info) {
  std::string name;
  for (const std::string& text : info.param.switches) name += (name.empty() ? "" : "_then_") + text;
  return name;
}

class Ring : public LiveTestWith<Way> {};

INSTANTIATE_TEST_SUITE_P(
    Ways, Ring,
    testing::Values(Way{{"multishot", "send"}, "io_uring"}, Way{{"single", "sendmsg"}, "io_uring"},
                    Way{{"poll_first", "send"}, "io_uring"}, Way{{"recvmsg", "zc"}, "zerocopy+io_uring"},
                    Way{{"read", "write"}, "io_uring"}, Way{{"read_fixed", "writev"}, "io_uring"},
                    Way{{"single", "zc_fixed"}, "zerocopy+io_uring"},
                    Way{{"multishot", "sendmsg_zc"}, "zerocopy+io_uring"},
                    Way{{"single", "send", "async"}, "io_uring"},
                    Way{{"multishot", "send", "sqpoll"}, "io_uring"}),
    way_name);

void expect_right(const SeenRequest& seen, const Answer& answer, const Way& way) {
  EXPECT_EQ(seen.framing, "exact") << answer.path;
  EXPECT_EQ(seen.outcome, "answered") << answer.path;
  EXPECT_EQ(seen.status, answer.status) << answer.path;
  EXPECT_EQ(seen.bytes_out, answer.bytes) << answer.path;
  EXPECT_EQ(seen.peer, answer.peer) << answer.path;
  EXPECT_EQ(seen.data_path, way.data_path) << answer.path;
  EXPECT_EQ(stage_sum(seen), seen.latency_ns.value_or(0)) << answer.path;
}

void expect_all_right(const std::vector<SeenRequest>& seen, const std::vector<Answer>& answers,
                      const Way& way) {
  std::map<std::string, SeenRequest> by_path;
  for (const SeenRequest& request : seen)
    EXPECT_TRUE(by_path.emplace(request.path, request).second) << request.path;
  ASSERT_EQ(by_path.size(), answers.size());
  for (const Answer& answer : answers) {
    ASSERT_TRUE(by_path.contains(answer.path)) << answer.path;
    expect_right(by_path[answer.path], answer, way);
    if (testing::Test::HasFailure()) return;
  }
}

void fetch_and_compare(const Way& way, bool keep_alive) {
  Server server = start_ring(way.switches);
  ASSERT_NE(server.port(), 0) << server.child().err();
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < kRequests; ++i) paths.push_back(server.distinct_path(i));
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  const std::vector<Answer> answers = fetch_all(server.port(), paths, kConnections, keep_alive);
  ASSERT_EQ(answers.size(), kRequests);
  capture.settle(kRequests);
  EXPECT_EQ(capture.stop(SIGINT), 0);
  EXPECT_EQ(capture.child().err(), "plateau: ready\n");
  expect_all_right(capture.requests(), answers, way);
}

TEST_P(Ring, EveryRequestOfKeptConnectionsIsSeen) {
  fetch_and_compare(GetParam(), true);
}

TEST_P(Ring, EveryRequestOfConnectionsForOneEachIsSeen) {
  fetch_and_compare(GetParam(), false);
}

TEST_P(Ring, ConnectionsOpenAtAttachAreReadFromTheirFirstRequestOn) {
  Server server = start_ring(GetParam().switches);
  ASSERT_NE(server.port(), 0) << server.child().err();
  std::vector<HttpConnection> connections;
  for (std::size_t i = 0; i < kConnections; ++i) {
    connections.emplace_back(server.port());
    ASSERT_EQ(connections.back().exchange("/before").status, 200);
  }
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  std::vector<Answer> answers;
  for (std::uint64_t i = 0; i < 3 * kConnections; ++i) {
    answers.push_back(connections[i % kConnections].exchange(server.distinct_path(i)));
    answers.back().path = server.distinct_path(i);
  }
  capture.settle(answers.size());
  EXPECT_EQ(capture.stop(SIGINT), 0);
  expect_all_right(capture.requests(), answers, GetParam());
}

TEST(WithoutRing, RequestsAreCountedAndNothingIsMadeUp) {
  if (const std::string why = cannot_capture(); !why.empty()) GTEST_SKIP() << why;
  Server server = start_ring({"multishot", "send"});
  ASSERT_NE(server.port(), 0) << server.child().err();
  std::vector<std::string> command = requests_of(server.pid());
  command.insert(command.end(), {"--provider", "ring=none"});
  Capture capture(command);
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  run_load(server, {"--connections", "7", "--requests", std::to_string(kRequests)});
  capture.settle(kRequests);
  EXPECT_EQ(capture.stop(SIGINT), 0);
  const std::vector<SeenRequest> seen = capture.requests();
  ASSERT_EQ(seen.size(), kRequests);
  for (const SeenRequest& request : seen) {
    ASSERT_NE(request.framing, "exact");
    ASSERT_EQ(request.status, std::nullopt);
    ASSERT_TRUE(request.path == "/" || request.path.empty()) << request.path;
    ASSERT_EQ(request.data_path, "io_uring");
  }
}

}  // namespace
}  // namespace plateau::live
