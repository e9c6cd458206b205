// How a capture ends: by a signal, by a count, by the clock, or because nobody reads it any more.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "harness/folder.h"
#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/server.h"
#include "harness/wait.h"

namespace plateau::live {
namespace {

// A server under load for as long as the test runs.
class Stop : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    if (IsSkipped()) return;
    ASSERT_NE(server_.port(), 0);
    ASSERT_NE(load_.pid(), -1);
  }

  std::string recording() const { return folder_.file("server.plateau"); }

  std::vector<std::string> command(const std::string& name, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {name, "--pid", server_.pid_text()};
    if (name == "requests" || name == "explain") arguments.insert(arguments.end(), {"--format", "json"});
    if (name == "record") arguments.insert(arguments.end(), {"-o", recording()});
    if (name == "attach") {
      arguments.insert(arguments.end(), {"--listen", "127.0.0.1:" + std::to_string(free_port())});
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  // How many requests the ended command's result tells of.
  std::uint64_t told(const std::string& name, Child& child) {
    if (name == "requests") return parse_requests(child.out()).size();
    if (name == "explain") {
      const auto json = nlohmann::json::parse(child.out(), nullptr, false);
      return json.is_object() ? json["coverage"]["requests_seen"].get<std::uint64_t>() : 0;
    }
    if (name == "record") {
      return parse_requests(run_plateau({"requests", "--from", recording(), "--format", "json"}).out).size();
    }
    if (name == "top") {
      std::string out = child.out();
      std::erase(out, ',');
      const std::size_t at = out.rfind("coverage ");
      const std::size_t of = at == std::string::npos ? at : out.find(" of ", at);
      return of == std::string::npos ? 0 : std::stoull(out.substr(of + 4));
    }
    std::string line = child.wait_for_line(" requests followed in ", 0);
    std::erase(line, ',');
    return line.empty() ? 0 : std::stoull(line.substr(line.find(' ') + 1));
  }

  Folder folder_;
  Server server_ = start_httpd({"--engine", "epoll"});
  Child load_{load_command(server_, {"--connections", "13", "--rate", "2000", "--duration", "5m"})};
};

const std::vector<std::string> kCommands = {"requests", "explain", "record", "attach", "top"};

class StopCommand : public Stop, public testing::WithParamInterface<std::string> {};

INSTANTIATE_TEST_SUITE_P(Commands, StopCommand, testing::ValuesIn(kCommands),
                         [](const auto& command) { return command.param; });

TEST_P(StopCommand, BySignalStillGivesTheResult) {
  for (const int number : {SIGINT, SIGTERM}) {
    Capture capture(command(GetParam()));
    ASSERT_TRUE(capture.ready()) << capture.child().err();
    // Long enough for requests to have been seen: others go by while this one is asked about.
    Capture witness(command("requests", {"--count", "199"}));
    ASSERT_EQ(witness.finish(), 0) << witness.child().err();
    EXPECT_EQ(capture.stop(number), 0) << capture.child().err();
    EXPECT_GE(told(GetParam(), capture.child()), 199u) << capture.child().err();
  }
}

TEST_P(StopCommand, ByCountGivesExactlySoMany) {
  Capture capture(command(GetParam(), {"--count", "997", "--duration", "30s"}));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  EXPECT_EQ(capture.finish(), 0) << capture.child().err();
  EXPECT_EQ(told(GetParam(), capture.child()), 997u) << capture.child().err();
}

TEST_P(StopCommand, ByDurationEndsInTime) {
  Capture capture(command(GetParam(), {"--duration", "700ms"}));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  const std::uint64_t ready_ns = monotonic_ns();
  EXPECT_EQ(capture.finish(), 0) << capture.child().err();
  const std::uint64_t took_ns = monotonic_ns() - ready_ns;
  EXPECT_GE(took_ns, 600'000'000u);
  EXPECT_LE(took_ns, 1'700'000'000u);
  EXPECT_GT(told(GetParam(), capture.child()), 500u) << capture.child().err();
}

TEST_F(Stop, AReaderThatGoesAwayEndsTheCaptureWithoutASignal) {
  Capture capture(command("requests"));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  ASSERT_GE(capture.settle(1), 1u);
  capture.child().close_output();
  const int status = capture.finish();
  EXPECT_NE(status, -1) << "it ran on";
  EXPECT_LT(status, 128) << "it was killed by signal " << status - 128;
  const std::string err = capture.child().err();
  EXPECT_LE(std::ranges::count(err, '\n'), 2) << err;
}

// As in a pager that waits for its user: the pipe is full, and nobody reads it.
TEST_F(Stop, ASignalEndsACaptureWhoseReaderPauses) {
  std::array<int, 2> ends{-1, -1};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const Fd unread(ends[0]);
  Fd output(ends[1]);
  Capture capture(command("requests"), {.output = output.get()});
  output.reset();
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  const auto full = [&] {
    int held = 0;
    return ::ioctl(unread.get(), FIONREAD, &held) == 0 && held >= ::fcntl(unread.get(), F_GETPIPE_SZ) - 4096;
  };
  ASSERT_TRUE(wait_until(full, 10'000));
  EXPECT_NE(capture.stop(SIGINT), -1) << "it ran on";
}

// Nanoseconds in which the process could have run and another had its CPU.
std::uint64_t waited_for_cpu_ns(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/schedstat");
  std::uint64_t ran = 0;
  std::uint64_t waited = 0;
  file >> ran >> waited;
  return waited;
}

// From exec to the first line on standard output, on a machine that has a CPU for it: what it waited for one
// is taken off. The best of five.
TEST_F(Stop, TheFirstRequestIsShownWithinThreeHundredMilliseconds) {
  std::vector<std::uint64_t> times_ms;
  for (int run = 0; run < 5; ++run) {
    Capture capture(command("requests"));
    ASSERT_TRUE(capture.ready()) << capture.child().err();
    ASSERT_GE(capture.settle(1), 1u);
    const std::uint64_t took_ns = capture.child().output().first_out_ns - capture.child().started_ns();
    const std::uint64_t waited_ns = waited_for_cpu_ns(capture.child().pid());
    std::printf("  %lu ms, %lu ms of them for a CPU\n", took_ns / 1'000'000, waited_ns / 1'000'000);
    times_ms.push_back((took_ns - std::min(took_ns, waited_ns)) / 1'000'000);
    EXPECT_EQ(capture.stop(SIGINT), 0);
  }
  EXPECT_LE(std::ranges::min(times_ms), 300u) << testing::PrintToString(times_ms);
}

}  // namespace
}  // namespace plateau::live
