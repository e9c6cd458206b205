// Signals taken away one by one: what is left works, and says what is missing.
#include <csignal>
#include <nlohmann/json.hpp>
#include <set>
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

constexpr Missing kMissing[] = {{"ready", "wakeup"},
                                {"connection", "accept_wait", true},
                                {"end"},
                                {"waking"},
                                {"exit"},
                                {"lock_begin", "lock_kernel"},
                                {"lock_end", "lock_kernel"},
                                {"copy_in", "copy_in"},
                                {"copy_out", "copy_out"},
                                {"transmit", "tcp_send"},
                                {"ring"},
                                {"zerocopy"},
                                {"sockets", "", true}};

class WithoutSignal : public LiveTestWith<Missing> {};

INSTANTIATE_TEST_SUITE_P(Signals, WithoutSignal, testing::ValuesIn(kMissing),
                         [](const auto& missing) { return std::string(missing.param.signal); });

// A signal that comes to be is taken away here too. Those for a profile are on only while one is taken.
TEST(WithoutSignals, AreAllThatCanGo) {
  const auto plan = nlohmann::json::parse(run_plateau({"doctor", "--detail", "high", "--format", "json"}).out,
                                          nullptr, false);
  ASSERT_TRUE(plan.is_object());
  std::set<std::string> can_go, go;
  for (const auto& signal : plan.at("signals"))
    if (!signal.at("required") && signal.at("provider") != "off") can_go.insert(signal.at("signal"));
  for (const Missing& missing : kMissing) go.insert(missing.signal);
  EXPECT_EQ(can_go, go);
}

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
