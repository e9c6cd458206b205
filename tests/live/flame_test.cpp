// Flamegraphs of what plateau-httpd plants: the function is there, with the time that it takes.
#include <gmock/gmock.h>

#include <cmath>
#include <csignal>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "harness/capture.h"
#include "harness/child.h"
#include "harness/folded.h"
#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/scrape.h"
#include "harness/server.h"
#include "harness/truth_log.h"
#include "harness/wait.h"

namespace plateau::live {
namespace {

using testing::HasSubstr;

class Flame : public LiveTest {
 protected:
  // Of `server` under load, folded; the diagnostics are in `err`.
  std::vector<FoldedLine> draw(const Server& server, const std::string& connections,
                               std::vector<std::string> options) {
    const Child load(load_command(server, {"--connections", connections, "--duration", "60s"}));
    std::vector<std::string> command{
        "flame",  "--pid", server.pid_text(),    "--duration", "1s", "--max-cost", "off", "--format",
        "folded", "-o",    folder.file("folded")};
    command.insert(command.end(), options.begin(), options.end());
    Capture capture(command);
    from_ns = monotonic_ns();
    EXPECT_EQ(capture.finish(), 0);
    err = capture.child().err();
    EXPECT_EQ(err.find("turns lost"), std::string::npos) << err;
    EXPECT_EQ(err.find("stacks: ring buffer full"), std::string::npos) << err;
    EXPECT_EQ(err.find("too many"), std::string::npos) << err;
    EXPECT_GE(named_share(err), 99.0) << err;
    requests = number_before(err, " requests drawn");
    return read_folded(folder.file("folded"));
  }

  Folder folder;
  std::string err;
  double requests = 0;
  std::uint64_t from_ns = 0;  // when the second began that was drawn
};

TEST_F(Flame, OfCpuTimeShowsTheSpinnerWithItsTime) {
  Server server = start_httpd({"--engine", "thread", "--spin", "1ms"});
  ASSERT_NE(server.port(), 0);
  const auto lines = draw(server, "4", {"--kind", "cpu", "--slower-than", "1us", "--frequency", "997"});
  const double by_stacks = time_in(lines, "");
  const double by_accounts = ns_before(err, " by the requests' own accounts");
  const double share = 1e6 * requests / by_accounts;
  EXPECT_NEAR(time_in(lines, "spin_until_ns") / by_stacks, share, 0.05 * share) << err;
  EXPECT_GT(share, 0.5) << err;
  const double samples = by_stacks * 997 / 1e9;
  EXPECT_NEAR(by_stacks, by_accounts, 4 / std::sqrt(samples) * by_accounts) << err;
}

// Of the requests that were answered in the second from `from_ns` on.
std::vector<double> spans_of(const std::string& truth, const std::string& span, std::uint64_t from_ns) {
  std::vector<double> spans;
  for (const auto& one : read_truth(truth))
    if (one.write_ns - from_ns < 1'000'000'000) spans.push_back(static_cast<double>(one.span_ns(span)));
  return spans;
}

// The mean of a planted span, as the server's own log has it.
double planted(const std::string& truth, const std::string& span, std::uint64_t from_ns) {
  const auto spans = spans_of(truth, span, from_ns);
  return std::accumulate(spans.begin(), spans.end(), 0.0) / static_cast<double>(spans.size());
}

// The mean of the middle half of them, without the wait of a few for a CPU.
double planted_middle(const std::string& truth, const std::string& span, std::uint64_t from_ns) {
  auto spans = spans_of(truth, span, from_ns);
  std::ranges::sort(spans);
  const auto quarter = static_cast<std::ptrdiff_t>(spans.size() / 4);
  return std::accumulate(spans.begin() + quarter, spans.end() - quarter, 0.0) /
         static_cast<double>(spans.size() - 2 * static_cast<std::size_t>(quarter));
}

struct Maker {
  const char* name;
  std::vector<std::string> switches;
  const char* function;
  bool copies;
};

void PrintTo(const Maker& maker, std::ostream* out) {
  *out << maker.name;
}

class FlameOfWork : public Flame, public testing::WithParamInterface<Maker> {
 protected:
  void record(const Server& server) {
    const Child load(load_command(server, {"--connections", "1", "--duration", "60s"}));
    Capture recording({"record", "--pid", server.pid_text(), "--duration", "1s", "--max-cost", "off",
                       "--profile", "cpu", "--frequency", "997", "-o", capture});
    from_ns = monotonic_ns();
    ASSERT_EQ(recording.finish(), 0) << recording.child().err();
  }

  std::vector<FoldedLine> draw_of(const std::string& kind) {
    const Ended ended = run_plateau({"flame", "--from", capture, "--kind", kind, "--slower-than", "1us",
                                     "--format", "folded", "-o", folder.file("folded")});
    EXPECT_EQ(ended.status, 0) << ended.err;
    err = ended.err;
    return read_folded(folder.file("folded"));
  }

  const std::string capture = folder.file("capture");
};

// Who copies, and who makes garbage: the widest tower, with the share of the CPU time that the server's own
// log tells; among copies alone the copier has the same.
TEST_P(FlameOfWork, ShowsWhoIsBusyWithItsShare) {
  const Maker& maker = GetParam();
  const std::string truth = folder.file("truth");
  std::vector<std::string> switches{"--engine", "thread", "--truth", truth};
  switches.insert(switches.end(), maker.switches.begin(), maker.switches.end());
  Server server = start_httpd(switches);
  ASSERT_NE(server.port(), 0);
  record(server);
  server.stop();
  const auto lines = draw_of("cpu");
  const double share = time_in(lines, maker.function) / time_in(lines, "");
  const double work = planted(truth, "memory_cpu", from_ns) * number_before(err, " requests drawn");
  const double planted_share = work / ns_before(err, " by the requests' own accounts");
  EXPECT_NEAR(share, planted_share, 0.05 * planted_share) << err;
  EXPECT_GT(share, 0.8) << err;
  if (maker.copies) {
    EXPECT_GT(time_in(draw_of("copy"), maker.function), 0.98 * share * time_in(lines, ""));
  }
}

INSTANTIATE_TEST_SUITE_P(Makers, FlameOfWork,
                         testing::Values(Maker{"copier", {"--copy", "8000003"}, "copy_bytes", true},
                                         Maker{"garbage_maker",
                                               {"--garbage", "1000003", "--memory", "fresh"},
                                               "touch_fresh",
                                               false}),
                         [](const auto& maker) { return std::string(maker.param.name); });

TEST_F(Flame, OfBlockedTimeShowsTheSleeperAndAddsUpToTheRequestsAccounts) {
  const std::string truth = folder.file("truth");
  Server server = start_httpd(
      {"--engine", "thread", "--section", "global", "--hold", "1ms", "--sleep", "5ms", "--truth", truth});
  ASSERT_NE(server.port(), 0);
  const auto lines = draw(server, "16", {"--kind", "offcpu"});
  server.stop();
  const double sleep =
      planted_middle(truth, "sleep", from_ns);  // without the wait for a CPU, which is no sleep
  double asleep = 0;
  for (const auto& line : lines) {
    const auto has = [&](const char* name) {
      return std::ranges::any_of(line.frames,
                                 [&](const auto& f) { return f.find(name) != std::string::npos; });
    };
    if (has("sleep_until_ns") && !has("hold_section")) asleep += line.ns;
  }
  EXPECT_NEAR(asleep / requests, sleep, 0.05 * sleep) << err;
  EXPECT_GT(time_in(lines, "__lll_lock_wait"), 0);
  const double by_stacks = number_before(err, " s of blocked time by stacks");
  const double by_accounts = number_before(err, " s by the requests' own accounts");
  EXPECT_NEAR(by_stacks, by_accounts, 0.02 * by_accounts) << err;
}

TEST_F(Flame, OfLocksShowsWhoHoldsThem) {
  const std::string truth = folder.file("truth");
  Server server =
      start_httpd({"--engine", "thread", "--section", "global", "--hold", "1ms", "--truth", truth});
  ASSERT_NE(server.port(), 0);
  const auto lines = draw(server, "8", {"--kind", "lock"});
  double held = 0;
  for (const auto& line : lines) {
    const auto mark = std::ranges::find(line.frames, "[held_by]");
    if (mark == line.frames.end()) continue;
    const auto holds = [](const std::string& name) { return name.find("hold_section") != std::string::npos; };
    if (std::any_of(mark, line.frames.end(), holds)) held += line.ns;
  }
  EXPECT_GT(held, 0.95 * time_in(lines, "")) << err;
  server.stop();
  const double waited = planted(truth, "section_wait", from_ns);
  EXPECT_NEAR(time_in(lines, "") / requests, waited, 0.05 * waited) << err;
}

TEST_F(Flame, OfCopiesShowsTheKernelsAndTheServersOwn) {
  Server server =
      start_httpd({"--engine", "thread", "--body", "buffered", "--size", "400000", "--copy", "4000003"});
  ASSERT_NE(server.port(), 0);
  const auto lines = draw(server, "2", {"--kind", "copy", "--frequency", "997"});
  EXPECT_GT(time_in(lines, "copy_bytes"), 0);
  EXPECT_GT(time_in(lines, "_copy_from_iter"), 0);
  EXPECT_GT(time_in(lines, "Body::append_to"), 0);
  for (const auto& line : lines)
    EXPECT_THAT(line.frames, testing::Contains(testing::AnyOf(HasSubstr("copy"), HasSubstr("mem")))) << err;
}

// Half a megabyte is mapped, touched and unmapped by each request.
TEST_F(Flame, OfPageFaultsShowsWhoTouchesThePagesAndHowMany) {
  constexpr double kPages = 127;
  Server server = start_httpd({"--engine", "thread", "--page-fault", std::to_string(127 * 4096)});
  ASSERT_NE(server.port(), 0);
  const auto lines = draw(server, "4", {"--kind", "fault", "--slower-than", "1us", "--frequency", "997"});
  EXPECT_NEAR(time_in(lines, "fault_pages") / requests, kPages, 0.05 * kPages) << err;
  EXPECT_GT(time_in(lines, "fault_pages"), 0.95 * time_in(lines, "")) << err;
  EXPECT_THAT(err, HasSubstr(" page faults drawn to "));
}

TEST_F(Flame, OfARecordedProfileNeedsNoTarget) {
  const std::string capture = folder.file("capture");
  double recorded = 0;
  {
    Server server = start_httpd({"--engine", "thread", "--spin", "500us", "--sleep", "2ms"});
    ASSERT_NE(server.port(), 0);
    const Child load(load_command(server, {"--connections", "4", "--duration", "60s"}));
    const Ended ended = run_plateau({"record", "--pid", server.pid_text(), "--duration", "1s", "--profile",
                                     "wall", "--frequency", "999", "-o", capture});
    ASSERT_EQ(ended.status, 0) << ended.err;
    recorded = number_before(ended.err, " requests recorded");
  }
  for (const char* kind : {"cpu", "offcpu", "wall"}) {
    const Ended ended = run_plateau({"flame", "--from", capture, "--kind", kind, "--format", "folded",
                                     "--slower-than", "1us", "-o", folder.file("folded")});
    ASSERT_EQ(ended.status, 0) << ended.err;
    const auto lines = read_folded(folder.file("folded"));
    const bool cpu = std::string(kind) != "offcpu", sleep = std::string(kind) != "cpu";
    EXPECT_EQ(time_in(lines, "spin_until_ns") > 0, cpu) << kind;
    EXPECT_EQ(time_in(lines, "sleep_until_ns") > 1.9e6 * recorded, sleep) << kind << ended.err;
  }
}

TEST_F(Flame, OfTheLastMinuteIsServedWhileAttached) {
  if (const std::string why = missing_curl(); !why.empty()) GTEST_SKIP() << why;
  Server server = start_httpd({"--engine", "thread", "--spin", "1ms"});
  ASSERT_NE(server.port(), 0);
  const std::string address = "127.0.0.1:" + std::to_string(free_port());
  Capture attach({"attach", "--pid", server.pid_text(), "--listen", address, "--profile", "cpu"});
  ASSERT_TRUE(attach.ready()) << attach.child().err();
  const Child load(load_command(server, {"--connections", "3", "--duration", "60s"}));
  const auto profile = [&](const std::string& format) {
    return fetch("http://" + address + "/api/profile?format=" + format);
  };
  EXPECT_TRUE(
      wait_until([&] { return profile("folded").find("spin_until_ns") != std::string::npos; }, 15'000));
  EXPECT_EQ(profile("pprof").substr(0, 2), "\x1f\x8b");
  EXPECT_THAT(profile("svg"), HasSubstr("On-CPU time: "));
  EXPECT_EQ(attach.stop(SIGINT), 0) << attach.child().err();
}

TEST_F(Flame, TellsWhatIsWrongInALine) {
  Server server = start_httpd({});
  ASSERT_NE(server.port(), 0);
  const std::string capture = folder.file("capture");
  ASSERT_EQ(run_plateau({"record", "--pid", server.pid_text(), "--duration", "100ms", "-o", capture}).status,
            0);
  const Ended none = run_plateau({"flame", "--from", capture, "-o", folder.file("x.svg")});
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("record with --profile cpu"));
  EXPECT_EQ(run_plateau({"flame", "--pid", server.pid_text()}).status, 2);
  EXPECT_EQ(run_plateau({"flame", "--pid", server.pid_text(), "--kind", "sound", "-o", "x"}).status, 2);
  EXPECT_EQ(run_plateau({"flame", "--diff", capture, capture, "-o", folder.file("x.svg")}).status, 1);
  const Ended idle = run_plateau({"flame", "--pid", server.pid_text(), "--duration", "300ms", "--route",
                                  "/no", "-o", folder.file("x.svg")});
  EXPECT_EQ(idle.status, 1);
  EXPECT_THAT(idle.err, HasSubstr("no stack to draw"));
}

TEST_F(Flame, TakesNoStacksUnlessAskedTo) {
  const Ended ended = run_plateau({"doctor", "--format", "json"});
  const auto json = nlohmann::json::parse(ended.out);
  std::size_t off = 0;
  for (const auto& signal : json["signals"])
    off += signal["signal"].get<std::string>().starts_with("profile_") && signal["provider"] == "off";
  EXPECT_EQ(off, 4u) << ended.out;
}

}  // namespace
}  // namespace plateau::live
