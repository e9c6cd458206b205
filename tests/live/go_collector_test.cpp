// Go's garbage collector: how often and how long it stops the world, and how much goroutines have to mark for
// it, against what the runtime itself counts.
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "harness/capture.h"
#include "harness/child.h"
#include "harness/folder.h"
#include "harness/http_client.h"
#include "harness/live_test.h"
#include "harness/server.h"
#include "harness/wait.h"

namespace plateau::live {
namespace {

constexpr int kStartMs = 10'000;

struct Figures {
  std::uint64_t pauses = 0;
  std::uint64_t pause_ns = 0;
};

class GoCollector : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    if (const std::string why = missing_go(); !why.empty()) GTEST_SKIP() << why;
  }
};

Figures figures_of(Server& server, const std::string& nth) {
  HttpConnection client(server.port());
  EXPECT_EQ(client.exchange("/stats?us=" + nth).status, 200);
  std::string last;
  const auto told = [&](const Output& output) {
    std::istringstream lines(output.err);
    std::size_t n = 0;
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with("stats ") && line.ends_with('}') && std::to_string(n++) == nth) last = line;
    return !last.empty();
  };
  EXPECT_TRUE(server.child().wait_for(told, kStartMs));
  const nlohmann::json figures = nlohmann::json::parse(last.substr(last.find('{')));
  return {figures.at("pauses"), figures.at("pause_ns")};
}

nlohmann::json explain_of(const std::string& file) {
  return nlohmann::json::parse(run_plateau({"explain", "--from", file, "--format", "json"}).out);
}

struct Seen {
  std::uint64_t pause_ns = 0;
  Figures truth;
};

// What the pauses were of a server whose collector runs only where a request has it run: each is told once,
// and each is in the request that asked for it.
Seen watch_cycles(const std::string& build) {
  constexpr std::size_t kCycles = 53, kOthers = 53;
  Folder folder;
  const std::string file = folder.file("gc.plateau");
  Server server = start_go_stages({"-gogc", "-1", "-live", "20011"}, build);
  EXPECT_NE(server.port(), 0);
  const Figures before = figures_of(server, "0");
  Capture capture(
      {"record", "--pid", server.pid_text(), "--detail", "high", "--max-cost", "off", "-o", file});
  EXPECT_TRUE(capture.ready()) << capture.child().err();
  EXPECT_NE(capture.child().err().find("two probes go on Go's runtime"), std::string::npos);
  HttpConnection client(server.port());
  for (std::size_t i = 0; i < kCycles; ++i) EXPECT_EQ(client.exchange("/gc").status, 200);
  for (std::size_t i = 0; i < kOthers; ++i) EXPECT_EQ(client.exchange("/cpu?us=100").status, 200);
  const Figures after = figures_of(server, "1");  // one stop more, and not the collector's
  EXPECT_EQ(capture.stop(SIGINT), 0);

  const nlohmann::json gc = explain_of(file).at("go_gc");
  Seen seen{0, {after.pauses - before.pauses, after.pause_ns - before.pause_ns}};
  EXPECT_GE(seen.truth.pauses, 2 * kCycles);
  EXPECT_EQ(gc.at("pauses"), seen.truth.pauses);
  EXPECT_EQ(gc.at("other_stops"), 1);
  EXPECT_EQ(gc.at("lost_records"), 0);
  std::size_t cycles = 0, others = 0;
  for (const SeenRequest& r :
       parse_requests(run_plateau({"requests", "--from", file, "--format", "json"}).out)) {
    const bool collects = r.path == "/gc";
    (collects ? cycles : others)++;
    EXPECT_TRUE(r.gc_pause_ns.has_value() && (*r.gc_pause_ns != 0) == collects) << r.path;
    EXPECT_TRUE(r.gc_assist_ns.has_value() && (collects || *r.gc_assist_ns == 0)) << r.path;
    EXPECT_EQ(stage_sum(r), r.latency_ns);
    seen.pause_ns += r.gc_pause_ns.value_or(0);
  }
  EXPECT_EQ(cycles, kCycles);
  EXPECT_EQ(others, kOthers + 1);
  EXPECT_EQ(gc.at("pause_sum_ns"), seen.pause_ns);
  EXPECT_EQ(gc.at("requests").at("held"), kCycles);
  return seen;
}

// The runtime's clock begins a moment before the probe's, and in the first of a cycle's two pauses it runs on
// until all threads are woken, where the probe's ends as it begins to wake them: by some 20 us on an idle
// machine, and as long as the waker is kept from its CPU on another.
TEST_F(GoCollector, PausesAreTheRuntimesOwnAndThoseOfTheRequestsThatTheyHeldUp) {
  for (const std::string build : {"", "_stripped"}) {
    bool close = false;
    for (int attempt = 0; attempt < 3 && !close; ++attempt) {
      const Seen seen = watch_cycles(build);
      std::printf("  %lu pauses, %lu ns by the runtime, %lu ns seen\n", seen.truth.pauses,
                  seen.truth.pause_ns, seen.pause_ns);
      if (HasFailure()) return;
      EXPECT_LE(seen.pause_ns, seen.truth.pause_ns + seen.truth.pauses * 2'000);
      close = seen.pause_ns + seen.truth.pauses * 20'000 >= seen.truth.pause_ns * 4 / 5;
    }
    EXPECT_TRUE(close) << build;
  }
}

// "gc 7 @0.4s 2%: 0.02+3.1+0.01 ms clock, 0.04+1.7/2.9/0+0.02 ms cpu, …": what is told for the slash.
double assisted_ms(const std::string& log) {
  double sum = 0;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    const auto clock = line.find(" ms clock, ");
    if (!line.starts_with("gc ") || clock == std::string::npos) continue;
    const auto plus = line.find('+', clock);
    if (plus != std::string::npos) sum += std::strtod(line.c_str() + plus + 1, nullptr);
  }
  return sum;
}

// Requests that allocate, a large heap, and little time between cycles: they mark for a good part of their
// time.
TEST_F(GoCollector, AssistsAreWhatTheRuntimeSaysGoroutinesMarked) {
  Child server(
      {"/usr/bin/env", "GODEBUG=gctrace=1", GO_STAGES, "-gogc", "20", "-live", "400009", "-procs", "2"});
  const std::string line = server.wait_for_line("listening on ", kStartMs);
  ASSERT_NE(line, "");
  Capture capture({"requests", "--pid", std::to_string(server.pid()), "--format", "json", "--detail", "high",
                   "--max-cost", "off"});
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  const double before = assisted_ms(server.err());
  const auto port = static_cast<std::uint16_t>(std::stoul(line.substr(line.rfind(':') + 1)));
  constexpr std::size_t kRequests = 101;
  HttpConnection client(port);
  for (std::size_t i = 0; i < kRequests; ++i) ASSERT_EQ(client.exchange("/garbage?us=20000").status, 200);
  ASSERT_EQ(capture.settle(kRequests), kRequests);
  ASSERT_EQ(capture.stop(SIGINT), 0);
  const double truth = assisted_ms(server.err()) - before;
  double seen = 0;
  for (const SeenRequest& request : capture.requests()) {
    ASSERT_TRUE(request.gc_assist_ns.has_value());
    EXPECT_LE(*request.gc_assist_ns, request.stages.at("cpu"));
    EXPECT_EQ(stage_sum(request), request.latency_ns);
    seen += static_cast<double>(*request.gc_assist_ns) / 1e6;
  }
  std::printf("  %.1f ms of assists by the runtime, %.1f ms seen\n", truth, seen);
  ASSERT_GE(truth, 100);
  // Samples of a millisecond: n of them are known within 4 sqrt(n). What the kernel does meanwhile is in the
  // runtime's clock, not in the samples.
  EXPECT_NEAR(seen, truth, 4 * std::sqrt(truth) + truth / 4);
}

// Of what a capture holds in the kernel: links, events, processes.
std::size_t descriptors_of(const Child& capture) {
  std::size_t held = 0;
  std::error_code gone;
  for (const auto& open :
       std::filesystem::directory_iterator("/proc/" + std::to_string(capture.pid()) + "/fd"))
    held += std::filesystem::read_symlink(open, gone).string().starts_with("anon_inode:");
  return held;
}

// A target that starts one Go program after another: each has its probes for as long as it lives.
TEST_F(GoCollector, ProbesGoWithTheProcessThatTheyAreOn) {
  const Child shell({"/bin/sh", "-c", "for life in 1 2 3; do \"$0\"; kill -STOP $$; done", GO_STAGES});
  const auto running = [&] {
    const std::vector<pid_t> children = children_of(shell.pid());
    return children.empty() ? 0 : children.front();
  };
  const auto runs = [&] {
    std::error_code none;
    return std::filesystem::read_symlink("/proc/" + std::to_string(running()) + "/exe", none) == GO_STAGES;
  };
  const auto stopped = [&] {
    return read_file("/proc/" + std::to_string(shell.pid()) + "/stat").find(") T ") != std::string::npos;
  };
  ASSERT_TRUE(wait_until(runs, kStartMs));
  Folder folder;
  Capture capture({"record", "--pid", std::to_string(shell.pid()), "--detail", "high", "--max-cost", "off",
                   "-o", folder.file("lives.plateau")});
  EXPECT_TRUE(capture.ready()) << capture.child().err();
  const std::size_t with_probes = descriptors_of(capture.child());
  const auto holds = [&](std::size_t n) {
    return wait_until([&] { return descriptors_of(capture.child()) == n; }, kStartMs);
  };
  // Two probes have a link and an event each, and the process itself one.
  const std::size_t without = with_probes - 5;
  for (int life = 1; life <= 3; ++life) {
    EXPECT_TRUE(holds(with_probes)) << descriptors_of(capture.child()) << " in life " << life;
    if (const pid_t server = running()) kill(server, SIGKILL);
    EXPECT_TRUE(holds(without)) << descriptors_of(capture.child()) << " for " << without << " after " << life;
    EXPECT_TRUE(wait_until(stopped, kStartMs));
    shell.signal(SIGCONT);
  }
  EXPECT_EQ(capture.child().finish(kStartMs), 0) << capture.child().err();
}

}  // namespace
}  // namespace plateau::live
