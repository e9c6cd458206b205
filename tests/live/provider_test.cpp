// Signals taken away one by one: what is left works, and says what is missing.
#include <csignal>
#include <string>
#include <vector>

#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/server_kind.h"

namespace plateau::live {
namespace {

struct Missing {
  const char* signal;
  const char* stage = "";            // that cannot be told without it; empty: none
  bool first_is_unmeasured = false;  // of each connection's requests
};

class WithoutSignal : public LiveTestWith<Missing> {};

INSTANTIATE_TEST_SUITE_P(Signals, WithoutSignal,
                         testing::Values(Missing{"ready", "wakeup"},
                                         Missing{"connection", "accept_wait", true}, Missing{"end"},
                                         Missing{"waking"}, Missing{"exit"},
                                         Missing{"lock_begin", "lock_kernel"},
                                         Missing{"lock_end", "lock_kernel"}, Missing{"copy_in", "copy_in"},
                                         Missing{"copy_out", "copy_out"}, Missing{"transmit", "tcp_send"},
                                         Missing{"ring"}, Missing{"sockets", "", true}),
                         [](const auto& missing) { return std::string(missing.param.signal); });

TEST_P(WithoutSignal, EveryRequestIsStillSeen) {
  constexpr std::size_t kRequests = 2003;
  Server server = start_httpd({"--engine", "epoll"});
  ASSERT_NE(server.port(), 0);
  std::vector<std::string> command = requests_of(server.pid());
  command.insert(command.end(), {"--detail", "high", "--provider", std::string(GetParam().signal) + "=none"});
  Capture capture(command);
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  ASSERT_EQ(run_load(server, {"--connections", "7", "--requests", std::to_string(kRequests)}), kRequests);
  capture.settle(kRequests);
  EXPECT_EQ(capture.stop(SIGINT), 0);
  EXPECT_NE(capture.child().err().find("no '" + std::string(GetParam().signal) + "': taken away"),
            std::string::npos)
      << capture.child().err();
  const std::vector<SeenRequest> seen = capture.requests();
  ASSERT_EQ(seen.size(), kRequests);
  for (const SeenRequest& request : seen) {
    ASSERT_EQ(request.framing, "exact");
    ASSERT_EQ(request.latency_ns.has_value(), request.seq > 0 || !GetParam().first_is_unmeasured);
    if (!request.latency_ns) continue;
    ASSERT_EQ(stage_sum(request), *request.latency_ns);
    if (*GetParam().stage) {
      ASSERT_EQ(request.stages.at(GetParam().stage), 0u);
    }
  }
}

TEST(Provider, IsRefusedWhereItMakesNoSense) {
  EXPECT_EQ(run_plateau({"doctor", "--provider", "nonsense=none"}).status, 2);
  EXPECT_EQ(run_plateau({"doctor", "--provider", "waking=kprobe"}).status, 2);
  EXPECT_EQ(run_plateau({"doctor", "--provider", "waking"}).status, 2);
  const Ended required = run_plateau({"doctor", "--provider", "sent=none"});
  EXPECT_EQ(required.status, 3);
  EXPECT_NE(required.out.find("taken away"), std::string::npos) << required.out;
}

}  // namespace
}  // namespace plateau::live
