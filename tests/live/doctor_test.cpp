// plateau doctor with a target, named as for any other command.
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/live_test.h"
#include "harness/server.h"

namespace plateau::live {
namespace {

using Doctor = LiveTest;

TEST_F(Doctor, LooksAtTheServerThatIsMeant) {
  Server server = start_httpd({});
  ASSERT_NE(server.port(), 0);
  const std::string port = std::to_string(server.port());
  const Ended by_port = run_plateau({"doctor", "--port", port});
  const Ended by_pid = run_plateau({"doctor", "--pid", server.pid_text()});
  EXPECT_EQ(by_port.status, 0) << by_port.err;
  EXPECT_NE(by_port.out.find("(PID " + server.pid_text() + ")"), std::string::npos) << by_port.out;
  EXPECT_EQ(by_port.out, by_pid.out);
  EXPECT_EQ(by_port.err, "");
}

TEST_F(Doctor, SaysWhichOfSeveralServersItLooksAt) {
  Server one = start_httpd({});
  Server other = start_httpd({});
  ASSERT_NE(one.port(), 0);
  ASSERT_NE(other.port(), 0);
  const Ended both =
      run_plateau({"doctor", "--pid", one.pid_text(), "--pid", other.pid_text(), "--format", "json"});
  EXPECT_EQ(both.status, 0) << both.err;
  EXPECT_EQ(both.err,
            "plateau: several servers are meant: looking at process " + one.pid_text() + " alone\n");
  EXPECT_EQ(nlohmann::json::parse(both.out)["target"]["pid"], one.pid());
}

// A capture puts two probes on a Go target's own code, which other signals never are.
TEST_F(Doctor, ListsTheProbesThatWouldGoOnGosRuntime) {
  if (const std::string why = missing_go(); !why.empty()) GTEST_SKIP() << why;
  Server server = start_go_stages({});
  ASSERT_NE(server.port(), 0);
  const auto go_signals = [](const Ended& doctor) {
    std::map<std::string, nlohmann::json> found;
    const auto all = nlohmann::json::parse(doctor.out);
    for (const auto& signal : all["signals"])
      if (signal.contains("hit_ns")) found[signal["signal"]] = signal;
    return found;
  };
  const auto look = [](const std::string& pid, const std::string& detail, const std::string& format) {
    return run_plateau({"doctor", "--pid", pid, "--detail", detail, "--format", format});
  };
  const auto high = go_signals(look(server.pid_text(), "high", "json"));
  ASSERT_EQ(high.size(), 2u);
  EXPECT_EQ(high.at("stop_begin")["provider"], "uprobe/runtime.stopTheWorldWithSema");
  EXPECT_EQ(high.at("stop_end")["provider"], "uprobe/runtime.startTheWorldWithSema");
  EXPECT_EQ(high.at("stop_end")["providers"][0]["hooks"][0]["place"], "runtime.startTheWorldWithSema");
  const auto usual = go_signals(look(server.pid_text(), "default", "json"));
  ASSERT_EQ(usual.size(), 2u);
  EXPECT_EQ(usual.at("stop_end")["provider"], "off");
  EXPECT_EQ(usual.at("stop_end")["lost"], "the garbage collector's pauses are not told");
  const std::string text = look(server.pid_text(), "high", "text").out;
  EXPECT_NE(text.find("5.00 us more for each stop of the world"), std::string::npos) << text;
  Server other = start_httpd({});
  EXPECT_TRUE(go_signals(look(other.pid_text(), "high", "json")).empty());
}

}  // namespace
}  // namespace plateau::live
