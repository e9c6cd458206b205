// A server in PID, mount and network namespaces of its own, as a container has them, and its clients inside.
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/live_test.h"
#include "harness/server.h"

namespace plateau::live {
namespace {

constexpr const char* kTools[] = {"/usr/bin/unshare", "/usr/bin/nsenter", "/usr/sbin/ip"};

class Namespaces : public LiveTestWith<const char*> {
 protected:
  void SetUp() override {
    LiveTestWith<const char*>::SetUp();
    for (const char* const tool : kTools)
      if (!std::filesystem::exists(tool)) GTEST_SKIP() << tool << " is not installed";
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, Namespaces, testing::Values("epoll", "thread"),
                         [](const auto& engine) { return std::string(engine.param); });

TEST_P(Namespaces, EveryRequestIsSeenFromOutside) {
  Child outer({kTools[0], "--pid", "--fork", "--kill-child", "--mount-proc", "--net", "/bin/sh", "-c",
               "/usr/sbin/ip link set lo up && exec \"$@\"", "sh", PLATEAU_HTTPD, "--port", "0", "--engine",
               GetParam()});
  const std::string line = outer.wait_for_line("listening on ", 5'000);
  ASSERT_NE(line, "") << outer.err();
  const std::string port = line.substr(line.rfind(':') + 1);
  const std::vector<pid_t> inside = children_of(outer.pid());
  ASSERT_EQ(inside.size(), 1u);
  Capture capture(requests_of(inside[0]));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  Child load({kTools[1], "--net=/proc/" + std::to_string(inside[0]) + "/ns/net", PLATEAU_LOAD,
              "http://127.0.0.1:" + port + "/users/17", "--json", "--connections", "31", "--requests",
              "2003"});
  ASSERT_EQ(load.finish(30'000), 0) << load.out() << load.err();
  capture.settle(2'003);
  EXPECT_EQ(capture.stop(SIGINT), 0);
  EXPECT_EQ(capture.child().err(), "plateau: ready\n");
  const std::vector<SeenRequest> seen = capture.requests();
  EXPECT_EQ(seen.size(), 2'003u);
  for (const SeenRequest& request : seen) {
    ASSERT_EQ(request.framing, "exact");
    ASSERT_EQ(request.path, "/users/17");
    ASSERT_EQ(request.status, 200);
    ASSERT_EQ(request.pid, inside[0]);
    ASSERT_EQ(stage_sum(request), request.latency_ns.value_or(0));
  }
}

}  // namespace
}  // namespace plateau::live
