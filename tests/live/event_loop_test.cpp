// How long and how often event loops wait, against what the kernel itself counts of their threads.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "harness/http_client.h"
#include "harness/live_test.h"
#include "harness/quantile.h"
#include "harness/server.h"
#include "harness/wait.h"

namespace plateau::live {
namespace {

constexpr std::size_t kRequests = 101;
constexpr std::uint64_t kGapNs = 5'000'000;
// Sleeps of a thread elsewhere: it takes memory and descriptors for its first connections.
constexpr std::uint64_t kOtherSleeps = 5;

// The kernel's own account of a thread.
struct Account {
  std::uint64_t sleeps = 0;  // times that it gave up its CPU by itself
  std::uint64_t run_ns = 0;
  std::uint64_t runnable_ns = 0;

  Account& operator+=(const Account& other) {
    sleeps += other.sleeps;
    run_ns += other.run_ns;
    runnable_ns += other.runnable_ns;
    return *this;
  }
  Account operator-(const Account& before) const {
    return {sleeps - before.sleeps, run_ns - before.run_ns, runnable_ns - before.runnable_ns};
  }
};

std::string task_file(pid_t pid, pid_t tid, const char* name) {
  return "/proc/" + std::to_string(pid) + "/task/" + std::to_string(tid) + "/" + name;
}

bool asleep(pid_t pid, pid_t tid) {
  std::ifstream in(task_file(pid, tid, "stat"));
  std::string text;
  std::getline(in, text);
  return text.find(") S ") != std::string::npos;
}

Account account_of(pid_t pid, pid_t tid) {
  Account account;
  std::ifstream(task_file(pid, tid, "schedstat")) >> account.run_ns >> account.runnable_ns;
  std::ifstream status(task_file(pid, tid, "status"));
  constexpr std::string_view kName = "voluntary_ctxt_switches:";
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(kName)) account.sleeps = std::strtoull(line.c_str() + kName.size(), nullptr, 10);
  return account;
}

// Of all CPUs together, in which they served interrupts or ran something else than this machine, whole ticks:
// the kernel takes these from the time of the thread that was on the CPU (rq_clock_task()).
std::uint64_t interrupted_ns() {
  std::ifstream in("/proc/stat");
  std::string cpu;
  std::uint64_t user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0, steal = 0;
  in >> cpu >> user >> nice >> system >> idle >> waiting >> irq >> softirq >> steal;
  return (irq + softirq + steal) * (1'000'000'000u / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK)));
}

class EventLoop : public LiveTest {
 protected:
  void start(const std::vector<std::string>& switches) {
    server_ = std::make_unique<Server>(start_httpd(switches));
    ASSERT_NE(server_->port(), 0) << server_->child().err();
  }

  // Of each thread, once every one of them is asleep.
  std::map<pid_t, Account> accounts() const {
    const auto threads = threads_of(server_->pid());
    EXPECT_TRUE(wait_until(
        [&] { return std::ranges::all_of(threads, [&](pid_t tid) { return asleep(server_->pid(), tid); }); },
        5'000));
    std::map<pid_t, Account> all;
    for (const pid_t tid : threads) all[tid] = account_of(server_->pid(), tid);
    return all;
  }

  // What explain says of the threads that served connections in the time in which `load` runs, and the
  // kernel's account of these threads. Of the server's others one waits for signals, and sleeps all along;
  // one looks for connections that take too long, and waits in no call of an event loop.
  template <class Load>
  std::vector<nlohmann::json> explain(const Load& load) {
    Capture capture({"explain", "--pid", server_->pid_text(), "--duration", "60s", "--format", "json"});
    EXPECT_TRUE(capture.ready()) << capture.child().err();
    auto before = accounts();
    const std::uint64_t interrupted = interrupted_ns();
    load();
    auto after = accounts();
    interrupted_ns_ = interrupted_ns() - interrupted;
    EXPECT_EQ(capture.stop(SIGINT), 0) << capture.child().err();
    std::vector<nlohmann::json> serving;
    const auto json = nlohmann::json::parse(capture.child().out());
    for (const auto& loop : json.at("event_loops").at("loops")) {
      if (loop.at("listeners").empty()) {
        EXPECT_EQ(loop.at("waits"), 0) << loop;
        continue;
      }
      serving.push_back(loop);
      const pid_t tid = loop.at("tid").get<pid_t>();
      truth_ += after[tid] - before[tid];
    }
    return serving;
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(server_->port()); }

  std::unique_ptr<Server> server_;
  Account truth_;
  std::uint64_t interrupted_ns_ = 0;
};

// A client that thinks five milliseconds between requests: the loop waits as long, once a request.
TEST_F(EventLoop, WaitsAsOftenAsItsThreadSleepsAndAsLongAsItsClientThinks) {
  start({"--engine", "epoll"});
  // From an answer to the next request, and from a request to the next: a wait lies between the two in
  // length. With other work on the machine they are far apart.
  std::vector<std::uint64_t> gaps, turns;
  std::uint64_t thought_ns = 0;
  std::optional<HttpConnection> client;
  const auto loops = explain([&] {
    client.emplace(server_->port());
    std::uint64_t asked = 0, answered = 0;
    for (std::size_t i = 0; i < kRequests; i++) {
      if (i) {
        wait_until([&] { return monotonic_ns() >= answered + kGapNs; }, 1'000);
        gaps.push_back(monotonic_ns() - answered);
        thought_ns += gaps.back();
      }
      const std::uint64_t now = monotonic_ns();
      if (asked) turns.push_back(now - asked);
      asked = now;
      ASSERT_EQ(client->exchange("/").status, 200);
      answered = monotonic_ns();
    }
  });
  ASSERT_EQ(loops.size(), 1u);
  const auto& loop = loops[0];
  EXPECT_LE(loop.at("waits"), truth_.sleeps);
  EXPECT_GE(loop.at("waits").get<std::uint64_t>() + kOtherSleeps, truth_.sleeps);
  EXPECT_GE(loop.at("waits"), kRequests);
  EXPECT_EQ(loop.at("listeners"), nlohmann::json::array({address()}));
  constexpr double kBucket = 0.15;  // p50 is the middle of one
  EXPECT_GE(loop.at("p50_ns").get<double>(), (1 - kBucket) * static_cast<double>(quantile(gaps, 0.5)));
  EXPECT_LE(loop.at("p50_ns").get<double>(), (1 + kBucket) * static_cast<double>(quantile(turns, 0.5)));
  EXPECT_GE(loop.at("wait_sum_ns"), thought_ns * 9 / 10);

  const auto elapsed = loop.at("elapsed_ns").get<double>();
  const double waits = loop.at("waiting_ns").get<double>() / elapsed;
  const double runs = loop.at("run_ns").get<double>() / elapsed;
  const double runnable = loop.at("runqueue_ns").get<double>() / elapsed;
  EXPECT_NEAR(waits + runs + runnable, 1, 1e-3) << "there is little else that it sleeps for";
  // The two accounts close a run at moments some microseconds apart, once a switch.
  const double switches_ns = 10e3 * static_cast<double>(truth_.sleeps);
  const auto run_ns = loop.at("run_ns").get<double>();
  EXPECT_GE(run_ns, static_cast<double>(truth_.run_ns) - switches_ns);
  EXPECT_LE(run_ns, static_cast<double>(truth_.run_ns + interrupted_ns_) + switches_ns);
  // A wake-up that comes before the thread has left its CPU is not seen: that wait for a CPU is one for
  // events.
  EXPECT_LE(loop.at("runqueue_ns").get<double>(), static_cast<double>(truth_.runnable_ns) + switches_ns);
}

// Each loop has a socket of its own at the one address, and its connections come from there.
TEST_F(EventLoop, IsToldWithItsListeningSocket) {
  constexpr std::size_t kLoops = 3, kClients = 31;
  start({"--engine", "reuseport", "--loops", std::to_string(kLoops)});
  const auto loops = explain([&] {
    const auto answers = fetch_all(server_->port(), std::vector<std::string>(kRequests, "/"), kClients, true);
    EXPECT_EQ(answers.size(), kRequests);
  });
  ASSERT_EQ(loops.size(), kLoops) << "of 31 connections each loop gets one";
  std::uint64_t waits = 0;
  std::set<std::string> listeners;
  for (const auto& loop : loops) {
    waits += loop.at("waits").get<std::uint64_t>();
    ASSERT_EQ(loop.at("listeners").size(), 1u) << loop;
    listeners.insert(loop["listeners"][0].get<std::string>());
  }
  EXPECT_EQ(listeners, (std::set{address() + " #1", address() + " #2", address() + " #3"}));
  EXPECT_LE(waits, truth_.sleeps);
  EXPECT_GE(waits + kLoops * kOtherSleeps, truth_.sleeps);
}

}  // namespace
}  // namespace plateau::live
