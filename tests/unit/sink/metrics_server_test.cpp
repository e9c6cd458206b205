#include "sink/metrics_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "examples.h"
#include "exposition.h"
#include "web_client.h"

namespace plateau::sink {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::shared_ptr<MetricsCollector> example_collector() {
  const auto snapshot =
      std::make_shared<const MetricsSnapshot>(MetricsSnapshot{full_summary(), {{4711, true}}});
  return std::make_shared<MetricsCollector>([snapshot] { return snapshot; });
}

ListenAddress any_port() {
  return {"127.0.0.1", 0};
}

TEST(MetricsServer, ServesTheMetrics) {
  const auto server = MetricsServer::start(any_port(), example_collector());
  ASSERT_TRUE(server.ok()) << server.error().message;
  EXPECT_NE((*server)->port(), 0);
  EXPECT_EQ((*server)->url(), "http://127.0.0.1:" + std::to_string((*server)->port()) + "/metrics");
  const std::string answer = get((*server)->port(), "/metrics");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain"));
  EXPECT_THAT(answer, HasSubstr("\nplateau_target_up{pid=\"4711\"} 1\n"));
}

TEST(MetricsServer, SpeaksOpenMetricsWithThoseWhoDo) {
  const auto server = MetricsServer::start(any_port(), example_collector());
  ASSERT_TRUE(server.ok()) << server.error().message;
  const std::string answer = get((*server)->port(), "/metrics", "Accept: application/openmetrics-text\r\n");
  EXPECT_THAT(answer,
              HasSubstr("Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr("\n# TYPE plateau_requests counter\n"));
  EXPECT_THAT(answer, EndsWith("\n# EOF\n"));
}

TEST(MetricsServer, CountsItsOwnRequests) {
  const auto server = MetricsServer::start(any_port(), example_collector());
  ASSERT_TRUE(server.ok()) << server.error().message;
  get((*server)->port(), "/none");
  EXPECT_THAT(get((*server)->port(), "/metrics"), HasSubstr("\nplateau_web_requests_total 2\n"));
}

TEST(MetricsServer, ServesNothingElse) {
  const auto server = MetricsServer::start(any_port(), example_collector());
  ASSERT_TRUE(server.ok()) << server.error().message;
  for (const char* path : {"/", "/etc/passwd", "/../../etc/passwd", "/metric"})
    EXPECT_THAT(get((*server)->port(), path), StartsWith("HTTP/1.1 404")) << path;
}

TEST(MetricsServer, SaysThatThePortIsTaken) {
  const auto first = MetricsServer::start(any_port(), example_collector());
  ASSERT_TRUE(first.ok()) << first.error().message;
  const auto port = (*first)->port();
  const auto second = MetricsServer::start({"127.0.0.1", port}, example_collector());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().message, "cannot listen on 127.0.0.1:" + std::to_string(port) +
                                        ": address in use; choose another with --listen");
  EXPECT_EQ(second.error().code, ExitCode::failed);
}

TEST(MetricsServer, FreesThePortWhenItGoes) {
  std::uint16_t port = 0;
  {
    const auto server = MetricsServer::start(any_port(), example_collector());
    ASSERT_TRUE(server.ok()) << server.error().message;
    port = (*server)->port();
  }
  const auto again = MetricsServer::start({"127.0.0.1", port}, example_collector());
  EXPECT_TRUE(again.ok()) << again.error().message;
}

TEST(MetricsServer, EndsAtOnce) {
  auto fastest = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 3; i++) {
    auto server = MetricsServer::start(any_port(), example_collector());
    ASSERT_TRUE(server.ok()) << server.error().message;
    const auto start = std::chrono::steady_clock::now();
    server->reset();
    fastest = std::min(fastest, std::chrono::steady_clock::now() - start);
  }
  EXPECT_LT(fastest, std::chrono::seconds(1));
}

// A signal for the program must reach the thread that ends it in order.
TEST(MetricsServer, LeavesSignalsToTheProgram) {
  const auto server = MetricsServer::start(any_port(), example_collector());
  ASSERT_TRUE(server.ok()) << server.error().message;
  int others = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    if (task.path().filename() == std::to_string(gettid())) continue;
    std::ifstream in(task.path() / "status");
    std::uint64_t blocked = 0;
    for (std::string line; std::getline(in, line);)
      if (line.starts_with("SigBlk:")) blocked = std::stoull(line.substr(7), nullptr, 16);
    const bool stops = (blocked >> (SIGINT - 1) & 1) == 0 || (blocked >> (SIGTERM - 1) & 1) == 0;
    std::string name;
    std::ifstream(task.path() / "comm") >> name;
    EXPECT_FALSE(stops) << name;
    others++;
  }
  EXPECT_GE(others, 1);
}

}  // namespace
}  // namespace plateau::sink
