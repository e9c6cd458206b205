// Who ended a wait, above what waited: for what plateau-httpd plants, the waker is known.
#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "harness/capture.h"
#include "harness/child.h"
#include "harness/folded.h"
#include "harness/folder.h"
#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/server.h"
#include "harness/truth_log.h"

namespace plateau::live {
namespace {

using testing::HasSubstr;

// A request waits for a lock until its holder gives it back, for a timer, and for a helper, another process.
const std::vector<std::string> kWaits{
    "--engine",     "thread", "--section",          "global", "--hold", "997us", "--sleep", "5ms",
    "--downstream", "16",     "--downstream-delay", "3ms"};

class FlameWakers : public LiveTest {
 protected:
  // One second of a server in which requests wait so.
  void record() {
    std::vector<std::string> switches = kWaits;
    switches.insert(switches.end(), {"--truth", truth});
    Server server = start_httpd(switches);
    ASSERT_NE(server.port(), 0);
    const Child load(load_command(server, {"--connections", "11", "--duration", "60s"}));
    Capture recording({"record", "--pid", server.pid_text(), "--duration", "1s", "--max-cost", "off",
                       "--profile", "wall", "--wakers", "-o", capture});
    from_ns = monotonic_ns();
    ASSERT_EQ(recording.finish(), 0) << recording.child().err();
    server.stop();
  }

  std::vector<FoldedLine> draw(std::vector<std::string> options) {
    options.insert(options.begin(),
                   {"flame", "--from", capture, "--format", "folded", "-o", folder.file("folded")});
    const Ended ended = run_plateau(options);
    EXPECT_EQ(ended.status, 0) << ended.err;
    err = ended.err;
    return read_folded(folder.file("folded"));
  }

  // What each request of that second spent in a planted wait, by the server's own log, in order of length.
  std::vector<double> planted(const std::string& span) const {
    std::vector<double> all;
    for (const auto& one : read_truth(truth))
      if (one.write_ns - from_ns < 1'000'000'000) all.push_back(static_cast<double>(one.span_ns(span)));
    std::ranges::sort(all);
    return all;
  }

  Folder folder;
  const std::string capture = folder.file("capture"), truth = folder.file("truth");
  std::string err;
  std::uint64_t from_ns = 0;
};

double mean_of(std::span<const double> numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
}

// The mean of the middle half.
double middle_of(const std::vector<double>& sorted) {
  const std::size_t quarter = sorted.size() / 4;
  return mean_of(std::span(sorted).subspan(quarter, sorted.size() - 2 * quarter));
}

bool any_has(std::vector<std::string>::const_iterator from, std::vector<std::string>::const_iterator to,
             const std::string& name) {
  return std::any_of(from, to, [&](const auto& frame) { return frame.find(name) != std::string::npos; });
}

// Time of the stacks of which the sleeper's part has `sleeper`, and not `but`, and the waker's has `waker`.
double time_of(const std::vector<FoldedLine>& lines, const std::string& sleeper, const std::string& waker,
               const std::string& but = "none") {
  double ns = 0;
  for (const auto& line : lines) {
    const auto mark = std::ranges::find_if(line.frames, [](const auto& frame) {
      return frame.starts_with("[woken_by_") || frame == "[waker_not_seen]";
    });
    const bool its = any_has(line.frames.begin(), mark, sleeper) && !any_has(line.frames.begin(), mark, but);
    if (its && any_has(mark, line.frames.end(), waker)) ns += line.ns;
  }
  return ns;
}

TEST_F(FlameWakers, AreThoseWhoseDoingItWasAndChangeNothingOfTheTime) {
  record();
  if (HasFatalFailure()) return;
  const auto lines = draw({"--kind", "offcpu", "--wakers"});
  const double requests = number_before(err, " requests drawn");
  EXPECT_EQ(err.find("lost: "), std::string::npos) << err;
  EXPECT_GE(named_share(err), 99) << err;
  const auto expect_waker = [&](const char* function, const char* waker) {
    const double ns = time_of(lines, function, "");
    EXPECT_GT(time_of(lines, function, waker), 0.95 * ns) << function << "\n" << err;
  };
  expect_waker("sleep_until_ns", "[woken_by_an_interrupt]");
  EXPECT_EQ(time_of(lines, "sleep_until_ns", "start_thread"), 0) << "an interrupt is nobody's doing";
  expect_waker("__pthread_mutex_lock", "hold_section");
  // The helper's stack goes down through the loopback device to the socket's sleeper.
  expect_waker("Downstream::ask", "::answer(");

  const double by_stacks = ns_before(err, " of blocked time by stacks");
  const double by_accounts = ns_before(err, " by the requests' own accounts");
  EXPECT_NEAR(by_stacks, by_accounts, 0.02 * by_accounts) << err;
  EXPECT_EQ(time_in(lines, "[woken_by_") + time_in(lines, "[waker_not_seen]"), time_in(lines, ""));
  const auto without = draw({"--kind", "offcpu"});
  EXPECT_EQ(time_in(without, ""), time_in(lines, ""));
  EXPECT_EQ(time_in(without, "[woken_by_"), 0);

  const auto sleeps = planted("sleep");
  const double planted_sleep = middle_of(sleeps);  // without the wait of a few for a CPU, which is no sleep
  const double asleep = time_of(lines, "sleep_until_ns", "", "hold_section") / requests;
  EXPECT_NEAR(asleep, planted_sleep, 0.05 * planted_sleep) << err;
}

TEST_F(FlameWakers, AreToldOfOnlyWhereTheyWereAskedFor) {
  Server server = start_httpd({"--sleep", "1ms"});
  ASSERT_NE(server.port(), 0);
  const std::string svg = folder.file("x.svg");
  EXPECT_EQ(run_plateau({"flame", "--pid", server.pid_text(), "--wakers", "-o", svg}).status, 2);
  EXPECT_EQ(run_plateau({"record", "--pid", server.pid_text(), "--wakers", "-o", capture}).status, 2);
  ASSERT_EQ(run_plateau({"record", "--pid", server.pid_text(), "--duration", "100ms", "--profile", "offcpu",
                         "-o", capture})
                .status,
            0);
  const Ended none = run_plateau({"flame", "--from", capture, "--kind", "offcpu", "--wakers", "-o", svg});
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("record with --profile offcpu --wakers"));
}

}  // namespace
}  // namespace plateau::live
