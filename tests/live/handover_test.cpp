// Sockets that go from process to process after the attach, and addresses of both families: every request is
// seen once, with its own path, answer, peer and process.
#include <netinet/in.h>
#include <sys/socket.h>

#include <csignal>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "harness/http_client.h"
#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/server.h"

namespace plateau::live {
namespace {

constexpr std::size_t kRequests = 1'009;
constexpr std::size_t kConnections = 31;

using Handover = LiveTestWith<bool>;

INSTANTIATE_TEST_SUITE_P(KeepAlive, Handover, testing::Bool(),
                         [](const auto& kept) { return std::string(kept.param ? "on" : "off"); });

// Fetches, and compares with what the capture shows; the processes that answered.
std::set<int> fetch_and_compare(Server& server, Capture& capture, bool keep_alive) {
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < kRequests; ++i) paths.push_back(server.distinct_path(i));
  const std::vector<Answer> answers = fetch_all(server.port(), paths, kConnections, keep_alive);
  EXPECT_EQ(answers.size(), kRequests);
  capture.settle(kRequests);
  EXPECT_EQ(capture.stop(SIGINT), 0);
  EXPECT_EQ(capture.child().err(), "plateau: ready\n");
  std::map<std::string, SeenRequest> by_path;
  std::set<int> pids;
  for (const SeenRequest& request : capture.requests()) {
    EXPECT_TRUE(by_path.emplace(request.path, request).second) << request.path;
    pids.insert(request.pid);
  }
  EXPECT_EQ(by_path.size(), kRequests);
  for (const Answer& answer : answers) {
    const SeenRequest& seen = by_path[answer.path];
    EXPECT_EQ(seen.framing, "exact") << answer.path;
    EXPECT_EQ(seen.outcome, "answered") << answer.path;
    EXPECT_EQ(seen.status, answer.status) << answer.path;
    EXPECT_EQ(seen.bytes_out, answer.bytes) << answer.path;
    EXPECT_EQ(seen.peer, answer.peer) << answer.path;
    EXPECT_EQ(seen.seq, answer.seq) << answer.path;
    EXPECT_FALSE(seen.partial) << answer.path;
    EXPECT_EQ(stage_sum(seen), seen.latency_ns.value_or(0)) << answer.path;
    if (testing::Test::HasFailure()) break;
  }
  return pids;
}

void expect_children(const Server& server, const std::set<int>& pids, std::size_t least) {
  const std::vector<pid_t> children = children_of(server.pid());
  EXPECT_GE(pids.size(), least);
  for (const int pid : pids)
    EXPECT_EQ(std::count(children.begin(), children.end(), pid), 1) << pid << " answered, and is no worker";
}

TEST_P(Handover, WorkersForkedAfterTheAttachExecuteAProgramOfTheirOwn) {
  Server server = start_handover("workers");
  ASSERT_NE(server.port(), 0) << server.child().err();
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  server.child().signal(SIGUSR1);
  ASSERT_NE(server.child().wait_for_line("workers", 5'000), "");
  expect_children(server, fetch_and_compare(server, capture, GetParam()), 1);
}

TEST_P(Handover, AListenerGoesToAnotherProcess) {
  Server server = start_handover("listener");
  ASSERT_NE(server.port(), 0) << server.child().err();
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  server.child().signal(SIGUSR1);
  ASSERT_NE(server.child().wait_for_line("handed over", 5'000), "");
  expect_children(server, fetch_and_compare(server, capture, GetParam()), 1);
}

TEST_P(Handover, ConnectionsGoToOtherProcesses) {
  Server server = start_handover("connections");
  ASSERT_NE(server.port(), 0) << server.child().err();
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  expect_children(server, fetch_and_compare(server, capture, GetParam()), 2);
}

// What clients that speak MPTCP and clients that do not ask, each path once, in turn.
std::map<std::string, Answer> talk_both(std::uint16_t port, bool keep_alive) {
  std::map<std::string, Answer> answers;
  std::map<int, std::unique_ptr<HttpConnection>> kept;
  for (int i = 0; i < 2 * 307; ++i) {
    const int protocol = i % 2 == 0 ? IPPROTO_MPTCP : IPPROTO_TCP;
    auto& client = kept[protocol];
    if (!client || !keep_alive) client = std::make_unique<HttpConnection>(port, protocol);
    const std::string path = (protocol == IPPROTO_MPTCP ? "/many/" : "/one/") + std::to_string(i);
    answers[path] = client->exchange(path);
    EXPECT_EQ(answers[path].status, 200) << path;
    if (testing::Test::HasFailure()) break;
  }
  return answers;
}

// Go's listeners are made for MPTCP since 1.24.
void expect_both_kinds_of_clients(const char* mode, bool keep_alive) {
  Server server = start_handover(mode);
  ASSERT_NE(server.port(), 0) << server.child().err();
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  if (mode == std::string_view("late_mptcp")) {
    server.child().signal(SIGUSR1);
    ASSERT_NE(server.child().wait_for_line("listens now", 5'000), "");
  }
  auto answers = talk_both(server.port(), keep_alive);
  capture.settle(answers.size());
  EXPECT_EQ(capture.stop(SIGINT), 0);
  const std::vector<SeenRequest> requests = capture.requests();
  EXPECT_EQ(requests.size(), 2u * 307u);
  for (const SeenRequest& seen : requests) {
    ASSERT_TRUE(answers.contains(seen.path)) << seen.path;
    const Answer answer = answers[seen.path];
    answers.erase(seen.path);
    EXPECT_EQ(seen.framing, "exact") << seen.path;
    EXPECT_EQ(seen.outcome, "answered") << seen.path;
    EXPECT_EQ(seen.bytes_out, answer.bytes) << seen.path;
    EXPECT_EQ(seen.peer, answer.peer) << seen.path;
    EXPECT_EQ(seen.seq, answer.seq) << seen.path;
    EXPECT_FALSE(seen.partial) << seen.path;
    EXPECT_EQ(stage_sum(seen), seen.latency_ns.value_or(0)) << seen.path;
    if (testing::Test::HasFailure()) break;
  }
}

TEST_P(Handover, AListenerMadeForMptcpServesClientsOfBothKinds) {
  if (!Fd(::socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP)).valid()) GTEST_SKIP() << "the kernel has no MPTCP";
  for (const char* const mode : {"mptcp", "late_mptcp"}) {
    SCOPED_TRACE(mode);
    expect_both_kinds_of_clients(mode, GetParam());
  }
}

// State hangs on sockets, not on numbers.
TEST_P(Handover, ADescriptorsNumberIsSomethingElsesMeanwhile) {
  Server server = start_handover("reuse");
  ASSERT_NE(server.port(), 0) << server.child().err();
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  const std::set<int> pids = fetch_and_compare(server, capture, GetParam());
  EXPECT_EQ(pids, std::set<int>{server.pid()});
  EXPECT_EQ(server.child().err().find("ghost"), std::string::npos) << server.child().err();
}

TEST_P(Handover, BothFamiliesOnOneSocket) {
  Server server = start_handover("both");
  ASSERT_NE(server.port(), 0) << server.child().err();
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  for (const std::string host : {"127.0.0.1", "[::1]"}) {
    Child load({PLATEAU_LOAD,
                "http://" + host + ":" + std::to_string(server.port()) + "/" + host.substr(1, 3), "--json",
                "--connections", "7", "--requests", "503", "--keepalive", GetParam() ? "on" : "off"});
    ASSERT_EQ(load.finish(30'000), 0) << load.out() << load.err();
  }
  capture.settle(2 * 503);
  EXPECT_EQ(capture.stop(SIGINT), 0);
  EXPECT_EQ(capture.child().err(), "plateau: ready\n");
  std::map<std::string, std::size_t> counts;
  for (const SeenRequest& request : capture.requests()) {
    const std::string from = request.peer.substr(0, request.peer.rfind(':'));
    EXPECT_EQ(request.framing, "exact");
    counts[from + " " + request.path]++;
  }
  const std::map<std::string, std::size_t> expected{{"127.0.0.1 /27.", 503}, {"[::1] /::1", 503}};
  EXPECT_EQ(counts, expected);
}

}  // namespace
}  // namespace plateau::live
