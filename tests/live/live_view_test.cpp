// What goes on while it goes on: the page's interface of plateau attach, and plateau top in a terminal.
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/server.h"
#include "harness/wait.h"

namespace plateau::live {
namespace {

using nlohmann::json;

constexpr std::uint64_t kRequests = 1009;
constexpr int kTimeoutMs = 15'000;

std::string fetch(std::uint16_t port, const std::string& path) {
  Child curl(
      {"/usr/bin/curl", "--silent", "--max-time", "10", "http://127.0.0.1:" + std::to_string(port) + path});
  return curl.finish(kTimeoutMs) == 0 ? curl.out() : "";
}

// The sum over all series of a metric.
double sum_of(const std::string& metrics, const std::string& name) {
  double sum = 0;
  for (std::size_t at = 0; (at = metrics.find("\n" + name + "{", at)) != std::string::npos; at++)
    sum += std::stod(metrics.substr(metrics.find("} ", at) + 2));
  return sum;
}

// Summed up by path, from one line a request.
struct Witnessed {
  std::uint64_t requests = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t slowest_ns = 0;
};
Witnessed witnessed(const std::string& lines) {
  Witnessed all;
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) {
    const auto request = json::parse(line, nullptr, false);
    if (!request.is_object()) continue;
    all.requests++;
    all.bytes_out += request["bytes_out"].get<std::uint64_t>();
    all.slowest_ns = std::max(all.slowest_ns, request["latency_ns"].get<std::uint64_t>());
  }
  return all;
}

class LivePage : public LiveTest {
 protected:
  json live() const { return json::parse(fetch(port_, "/api/live"), nullptr, false); }
  // Until it tells of all of them.
  json settled() const {
    json last;
    wait_until([&] { return (last = live()).is_object() && last["total"]["requests"] == kRequests; },
               kTimeoutMs);
    return last;
  }

  Server server_ = start_httpd({"--section", "global", "--hold", "300us"});
  std::uint16_t port_ = free_port();
};

TEST_F(LivePage, HasTheFiguresOfTheMetricsAndOfEachRequest) {
  ASSERT_NE(server_.port(), 0);
  Capture attach({"attach", "--pid", server_.pid_text(), "--listen", "127.0.0.1:" + std::to_string(port_),
                  "--max-cost", "off"});
  ASSERT_TRUE(attach.ready()) << attach.child().err();
  Capture requests(requests_of(server_.pid()));
  ASSERT_TRUE(requests.ready()) << requests.child().err();
  ASSERT_EQ(run_load(server_, {"--connections", "13", "--requests", std::to_string(kRequests), "--path", "/",
                               "--path", "/bytes/2048"}),
            kRequests);
  requests.settle(kRequests);
  const json live = settled();
  ASSERT_TRUE(live.is_object());
  const std::string metrics = fetch(port_, "/metrics");
  EXPECT_EQ(requests.stop(SIGTERM), 0);
  const Witnessed seen = witnessed(requests.child().out());

  EXPECT_EQ(live["total"]["requests"], kRequests);
  EXPECT_EQ(sum_of(metrics, "http_server_request_duration_seconds_count"), kRequests);
  EXPECT_EQ(seen.requests, kRequests);
  EXPECT_EQ(live["total"]["bytes_out"], seen.bytes_out);
  EXPECT_NEAR(live["total"]["latency_sum_ns"].get<double>() / 1e9,
              sum_of(metrics, "http_server_request_duration_seconds_sum"), 1e-5);
  double stages = 0;
  for (const auto& [name, ns] : live["total"]["stages_sum_ns"].items()) stages += ns.get<double>();
  EXPECT_NEAR(stages, live["total"]["latency_sum_ns"].get<double>(), 1);
  EXPECT_NEAR(stages / 1e9, sum_of(metrics, "plateau_request_stage_seconds_total"), 1e-5);

  // Two captures of the same requests, each with clock readings of its own.
  ASSERT_FALSE(live["slowest"].empty());
  EXPECT_NEAR(live["slowest"][0]["latency_ns"].get<double>(), static_cast<double>(seen.slowest_ns),
              0.05 * static_cast<double>(seen.slowest_ns));
  EXPECT_EQ(live["total"]["max_ns"], live["slowest"][0]["latency_ns"]);
}

TEST_F(LivePage, NamesTheLockAndItsHolderWhileTheLoadRuns) {
  ASSERT_NE(server_.port(), 0);
  Capture attach({"attach", "--pid", server_.pid_text(), "--listen", "127.0.0.1:" + std::to_string(port_)});
  ASSERT_TRUE(attach.ready()) << attach.child().err();
  Child load(load_command(server_, {"--connections", "29", "--duration", "30s"}));
  json last;
  EXPECT_TRUE(wait_until(
      [&] {
        last = live();
        return last.is_object() &&
               last["window"]["verdict"]["text"].get<std::string>().find("hold_section") != std::string::npos;
      },
      kTimeoutMs))
      << last.dump(1);
  EXPECT_GT(last["window"]["throughput"].get<double>(), 0);
  EXPECT_FALSE(last["window"]["locks"].empty());
  const json flame = json::parse(fetch(port_, "/api/flame"), nullptr, false);
  EXPECT_NE(flame.dump().find("hold_section"), std::string::npos);
  EXPECT_NE(fetch(port_, "/api/report").find("hold_section"), std::string::npos);
  EXPECT_NE(fetch(port_, "/").find("/page/page.js"), std::string::npos);
  EXPECT_EQ(attach.stop(SIGINT), 0) << attach.child().err();
}

// A program in a terminal of 80 columns and 24 rows; killed at the end.
class InTerminal {
 public:
  InTerminal(std::vector<std::string> arguments, const std::vector<std::string>& environment) {
    winsize size{24, 80, 0, 0};
    pid_ = forkpty(&fd_, nullptr, nullptr, &size);
    if (pid_ != 0) return;
    for (const std::string& setting : environment) putenv(strdup(setting.c_str()));
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    execv(pointers[0], pointers.data());
    _exit(126);
  }
  ~InTerminal() {
    if (pid_ > 0) kill(pid_, SIGKILL);
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
    close(fd_);
  }
  InTerminal(const InTerminal&) = delete;
  InTerminal& operator=(const InTerminal&) = delete;

  void type(const std::string& keys) {
    EXPECT_EQ(write(fd_, keys.data(), keys.size()), ssize_t(keys.size()));
  }

  // Whether `text` is written, after what was waited for before.
  bool shows(const std::string& text) {
    return wait_until(
        [&] {
          read_more();
          const std::size_t at = written_.find(text, seen_);
          if (at == std::string::npos) return false;
          seen_ = at + text.size();
          return true;
        },
        kTimeoutMs);
  }

  // Its exit status; -1 if it does not end.
  int finish() {
    int status = 0;
    const bool ended = wait_until(
        [&] {
          read_more();
          return waitpid(pid_, &status, WNOHANG) == pid_;
        },
        kTimeoutMs);
    if (!ended) return -1;
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  const std::string& written() const { return written_; }

 private:
  void read_more() {
    pollfd ready{fd_, POLLIN, 0};
    char buffer[4096];
    while (poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN)) {
      const ssize_t n = read(fd_, buffer, sizeof(buffer));
      if (n <= 0) return;
      written_.append(buffer, static_cast<std::size_t>(n));
    }
  }

  int fd_ = -1;
  pid_t pid_ = -1;
  std::string written_;
  std::size_t seen_ = 0;
};

class TopInTerminal : public LiveTest {
 protected:
  std::vector<std::string> command() const {
    return {PLATEAU, "top", "--pid", server_.pid_text(), "--interval", "200ms"};
  }

  Server server_ = start_httpd({"--section", "global", "--hold", "300us"});
  Child load_{load_command(server_, {"--connections", "29", "--duration", "60s"})};
};

TEST_F(TopInTerminal, ShowsRoutesThenRequestsThenABudget) {
  ASSERT_NE(server_.port(), 0);
  InTerminal top(command(), {"TERM=xterm-256color"});
  ASSERT_TRUE(top.shows("\x1b[?1049h")) << "it takes the whole screen: " << top.written();
  ASSERT_TRUE(top.shows("WHERE ITS TIME GOES")) << top.written();
  top.type("\r");
  ASSERT_TRUE(top.shows("WHERE ITS TIME WENT")) << top.written();
  top.type("\r");
  ASSERT_TRUE(top.shows("of connection")) << top.written();
  ASSERT_TRUE(top.shows("lock_user")) << top.written();
  EXPECT_NE(top.written().find("\x1b[48;5;"), std::string::npos) << "a stage has its colour";
  top.type("q");
  EXPECT_EQ(top.finish(), 0);
  EXPECT_NE(top.written().find("\x1b[?1049l"), std::string::npos) << "the screen is given back";
}

TEST_F(TopInTerminal, EndsByCtrlCAndLeavesTheResult) {
  InTerminal top(command(), {"TERM=xterm-256color", "NO_COLOR=1"});
  ASSERT_TRUE(top.shows("WHERE ITS TIME GOES")) << top.written();
  top.type("\x03");
  EXPECT_EQ(top.finish(), 0);
  const std::size_t back = top.written().find("\x1b[?1049l");
  ASSERT_NE(back, std::string::npos);
  EXPECT_NE(top.written().find("plateau top: plateau-httpd", back), std::string::npos) << "the result stays";
  const std::regex colour("\x1b\\[[0-9;]*[34][0-8](;5;[0-9]+)?m");
  EXPECT_FALSE(
      std::regex_search(top.written().begin(), top.written().begin() + static_cast<long>(back), colour));
}

TEST_F(TopInTerminal, WritesPlainTextWhereTheTerminalIsDumb) {
  InTerminal top(command(), {"TERM=dumb"});
  ASSERT_TRUE(top.shows("lock_user")) << top.written();
  ASSERT_TRUE(top.shows("lock_user")) << "again after the interval";
  EXPECT_EQ(top.written().find('\x1b'), std::string::npos);
  top.type("\x03");
  EXPECT_EQ(top.finish(), 0);
}

TEST_F(TopInTerminal, GivesOneSnapshotAndEnds) {
  const Ended once = run_plateau({"top", "--pid", server_.pid_text(), "--once", "--interval", "500ms"});
  EXPECT_EQ(once.status, 0) << once.err;
  const std::size_t first = once.out.find("plateau top: ");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(once.out.find("plateau top: ", first + 1), std::string::npos);
  EXPECT_NE(once.out.find("lock_user"), std::string::npos) << once.out;
  EXPECT_EQ(once.out.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace plateau::live
