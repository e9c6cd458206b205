// Processes and threads that the target makes after the capture has begun.
#include <algorithm>
#include <csignal>
#include <set>
#include <string>
#include <vector>

#include "harness/http_client.h"
#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/server.h"
#include "harness/wait.h"

namespace plateau::live {
namespace {

using Growth = LiveTest;

TEST_F(Growth, WorkersForkedByAReloadAreFollowed) {
  if (const std::string why = missing_nginx(); !why.empty()) GTEST_SKIP() << why;
  Server server = start_nginx(2);
  ASSERT_NE(server.port(), 0) << server.child().err();
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  ASSERT_EQ(run_load(server, {"--connections", "13", "--requests", "1009"}), 1009u);

  const std::vector<pid_t> before = children_of(server.pid());
  server.child().signal(SIGHUP);
  const auto replaced = [&] {
    const std::vector<pid_t> now = children_of(server.pid());
    return now.size() == 2 && std::none_of(now.begin(), now.end(),
                                           [&](pid_t pid) { return std::ranges::count(before, pid) != 0; });
  };
  ASSERT_TRUE(wait_until(replaced, 10'000));
  const std::vector<pid_t> after = children_of(server.pid());
  ASSERT_EQ(run_load(server, {"--connections", "13", "--requests", "1013"}), 1013u);
  capture.settle(1009 + 1013);
  EXPECT_EQ(capture.stop(SIGINT), 0);

  const std::vector<SeenRequest> seen = capture.requests();
  EXPECT_EQ(seen.size(), 1009u + 1013u);
  const auto served_by = [&](const std::vector<pid_t>& pids) {
    return std::ranges::count_if(seen,
                                 [&](const SeenRequest& r) { return std::ranges::count(pids, r.pid) != 0; });
  };
  EXPECT_EQ(served_by(before), 1009);
  EXPECT_EQ(served_by(after), 1013);
  EXPECT_EQ(capture.child().err(), "plateau: ready\n");
}

TEST_F(Growth, ThreadsStartedForNewConnectionsAreFollowed) {
  Server server = start_httpd({"--engine", "thread"});
  ASSERT_NE(server.port(), 0);
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  const std::vector<pid_t> before = threads_of(server.pid());
  std::vector<HttpConnection> connections;
  for (int i = 0; i < 37; ++i) {
    connections.emplace_back(server.port());
    ASSERT_EQ(connections.back().exchange("/users/" + std::to_string(i)).status, 200);
  }
  capture.settle(37);
  EXPECT_EQ(capture.stop(SIGINT), 0);
  std::set<int> threads;
  for (const SeenRequest& request : capture.requests()) {
    threads.insert(request.tid);
    EXPECT_EQ(std::ranges::count(before, request.tid), 0);
    EXPECT_EQ(request.reader_tid, request.tid);
    EXPECT_FALSE(request.partial);
  }
  EXPECT_EQ(threads.size(), 37u);
}

}  // namespace
}  // namespace plateau::live
