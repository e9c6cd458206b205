#include "sink/metrics_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "base/fd.h"
#include "examples.h"
#include "exposition.h"

namespace plateau::sink {
namespace {

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

// The whole answer to a GET; empty if there is none.
std::string get(std::uint16_t port, const std::string& path) {
  const Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd.get(), static_cast<const sockaddr*>(static_cast<const void*>(&to)), sizeof(to)) != 0)
    return "";
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: plateau\r\nConnection: close\r\n\r\n";
  if (write(fd.get(), request.data(), request.size()) < 0) return "";
  std::string answer;
  char buffer[4096];
  for (ssize_t n; (n = read(fd.get(), buffer, sizeof(buffer))) > 0;)
    answer.append(buffer, static_cast<std::size_t>(n));
  return answer;
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
  EXPECT_EQ(why_not_listen({"127.0.0.1", port}), "");
}

// Its web server alone takes up to 2 s.
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
  EXPECT_GE(others, 2);
}

}  // namespace
}  // namespace plateau::sink
