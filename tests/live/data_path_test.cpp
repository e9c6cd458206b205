// By which road a response leaves: named for every request, whatever sends it.
#include <csignal>
#include <filesystem>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/server.h"
#include "harness/wait.h"

namespace plateau::live {
namespace {

constexpr std::size_t kRequests = 101;

struct Body {
  const char* name;
  const char* data_path;  // head and body
};
constexpr Body kBodies[] = {{"single", "copy"},        {"buffered", "copy"},
                            {"writev", "writev"},      {"sendfile", "copy+sendfile"},
                            {"splice", "copy+splice"}, {"zerocopy", "copy+zerocopy"}};
constexpr Body kRingBodies[] = {{"single", "io_uring"}, {"buffered", "io_uring"}, {"writev", "io_uring"}};

class DataPath : public LiveTestWith<const char*> {};

INSTANTIATE_TEST_SUITE_P(Engines, DataPath,
                         testing::Values("thread", "epoll", "reuseport", "pool", "io_uring"),
                         [](const auto& engine) { return std::string(engine.param); });

// All servers of an engine in one capture.
TEST_P(DataPath, IsNamedForEveryRequest) {
  const std::string engine = GetParam();
  const auto bodies =
      engine == "io_uring" ? std::span<const Body>(kRingBodies) : std::span<const Body>(kBodies);
  std::vector<Server> servers;
  std::map<int, const Body*> by_pid;
  for (const Body& body : bodies) {
    servers.push_back(start_httpd({"--engine", engine, "--body", body.name, "--size", "30011"}));
    ASSERT_NE(servers.back().port(), 0) << body.name << servers.back().child().err();
    by_pid[servers.back().pid()] = &body;
  }
  std::vector<std::string> command = requests_of(servers.front().pid());
  for (std::size_t i = 1; i < servers.size(); ++i)
    command.insert(command.end(), {"--pid", servers[i].pid_text()});
  Capture capture(command);
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  for (const Server& server : servers)
    run_load(server, {"--connections", "3", "--requests", std::to_string(kRequests)});
  capture.settle(kRequests * servers.size());
  EXPECT_EQ(capture.stop(SIGINT), 0);
  std::map<std::string, std::size_t> seen;
  for (const SeenRequest& request : capture.requests()) {
    ASSERT_TRUE(by_pid.contains(request.pid));
    const Body& body = *by_pid[request.pid];
    ASSERT_EQ(request.data_path, body.data_path) << body.name;
    ++seen[body.name];
  }
  for (const Body& body : bodies) EXPECT_EQ(seen[body.name], kRequests) << body.name;
}

class Zerocopy : public LiveTest {};

std::size_t descriptors_of(pid_t pid) {
  const std::filesystem::directory_iterator open("/proc/" + std::to_string(pid) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(open), end(open)));
}

// The kernel copies for a receiver on the same machine, and its completions say so. The last has come when
// the server has seen the end of its connections.
TEST_F(Zerocopy, ToALocalReceiverIsReportedAsCopied) {
  Server server = start_httpd({"--engine", "epoll", "--body", "zerocopy", "--size", "65536"});
  ASSERT_NE(server.port(), 0);
  Capture capture({"explain", "--pid", server.pid_text(), "--max-cost", "off", "--format", "json"});
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  const std::size_t open = descriptors_of(server.pid());
  run_load(server, {"--connections", "3", "--requests", std::to_string(kRequests)});
  EXPECT_TRUE(wait_until([&] { return descriptors_of(server.pid()) <= open; }, 5'000));
  EXPECT_EQ(capture.stop(SIGINT), 0);
  const auto json = nlohmann::json::parse(capture.child().out());
  EXPECT_EQ(json["coverage"]["requests_seen"], kRequests);
  EXPECT_GE(json["zerocopy"]["sends"], kRequests);
  EXPECT_EQ(json["zerocopy"]["copied_after_all"], json["zerocopy"]["sends"]);
}

TEST_F(Zerocopy, OfAServerThatUsesNoneIsNotReported) {
  Server server = start_httpd({"--engine", "epoll", "--body", "sendfile", "--size", "65536"});
  ASSERT_NE(server.port(), 0);
  Capture capture({"explain", "--pid", server.pid_text(), "--max-cost", "off", "--format", "json"});
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  run_load(server, {"--connections", "3", "--requests", std::to_string(kRequests)});
  EXPECT_EQ(capture.stop(SIGINT), 0);
  EXPECT_EQ(nlohmann::json::parse(capture.child().out())["zerocopy"]["sends"], 0);
}

}  // namespace
}  // namespace plateau::live
