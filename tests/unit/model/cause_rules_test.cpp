// Each cause from figures as a server under it shows them, and none from those of one at leisure.
#include "model/cause_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "capture_examples.h"

namespace plateau::model {
namespace {

using namespace examples;
using attribution::Stage;
using attribution::Summary;
using testing::HasSubstr;

request::Request request_of(std::uint64_t conn, std::uint64_t ready_ns, std::uint64_t end_ns) {
  request::Request request;
  request.conn = conn;
  request.ready_ns = ready_ns;
  request.end_ns = end_ns;
  return request;
}

// Requests of one connection that come so long after the answer to the one before.
void come_after(Summary& s, std::uint64_t think_ns) {
  std::uint64_t now = kSecond;
  for (int i = 0; i < 31; i++) {
    s.insight.pattern.add(request_of(7, now, now + 20'000'000), {});
    now += 20'000'000 + think_ns;
  }
}

// So many times an answer comes at once, and then none for `long_ns`, though 16 requests are inside.
void stand_still(Summary& s, std::uint64_t times, std::uint64_t long_ns) {
  for (std::uint64_t i = 0; i < times; i++) {
    const std::uint64_t now = (3 + i) * kSecond;
    s.insight.pattern.add(request_of(17, now, now + 1'000), {});
    for (std::uint64_t conn = 1; conn <= 16; conn++) {
      const auto request = request_of(conn, now + 2'000, now + long_ns + conn * 1'000);
      attribution::Budget budget;
      budget.latency_ns = request.latency_ns();
      budget.ns[attribution::index(Stage::unattributed)] = budget.latency_ns;
      s.insight.pattern.add(request, budget);
    }
  }
  const std::uint64_t later = (3 + times) * kSecond;  // until then the last might go on
  s.insight.pattern.add(request_of(17, later, later + 1'000), {});
}

void one_thread(Summary& s, std::uint64_t idle_ns, std::uint64_t run_ns) {
  attribution::ThreadStats loop;
  loop.tid = 7;
  loop.answered = s.total.count;
  loop.elapsed_ns = 10 * kSecond;
  loop.idle_ns = idle_ns;
  loop.run_ns = run_ns;
  s.threads = {loop};
}

void threads(Summary& s, std::uint32_t count) {
  for (std::uint32_t tid = 1; tid <= count; tid++) {
    attribution::ThreadStats thread;
    thread.tid = tid;
    thread.answered = s.total.count / count;
    thread.elapsed_ns = 10 * kSecond;
    s.threads.push_back(thread);
  }
}

void contend(Summary& s) {
  s.locks = {mutex(0.99)};
  s.locks[0].wait_ns = s.locks[0].owed_wait_ns = kRequests * 15'000'000;
  spend(s, Stage::lock_user, 15'000'000);
}

struct Case {
  const char* name;
  Cause cause;
  std::function<void(Summary&)> plant;
  const char* evidence = "";
};

// On top of 3,001 requests/s of 20 ms and 20 us of computing on two CPUs, which are idle for the most part.
const Case kCases[] = {
    {"cpu", Cause::cpu_bound,
     [](Summary& s) {
       s.facts.target_cpu_s = 19;
       s.facts.machine_busy = 0.97;
       spend(s, Stage::cpu, 600'000);
       spend(s, Stage::runqueue, 19'000'000);
     },
     "waits 19.0 ms for a CPU"},
    {"copy", Cause::copy_bound,
     [](Summary& s) {
       s.facts.target_cpu_s = 19;
       s.facts.machine_busy = 0.97;
       s.total.bytes_out = kRequests * 262'144;
       spend(s, Stage::cpu, 100'000);
       spend(s, Stage::copy_out, 500'000);
       spend(s, Stage::runqueue, 19'000'000);
     },
     "83 % is copying"},
    {"blocked_holder", Cause::lock_blocked_holder,
     [](Summary& s) {
       contend(s);
       spend(s, Stage::sleep, 310'000);
     },
     "held 330 us a request"},
    {"spinning_holder", Cause::lock_spinning_holder,
     [](Summary& s) {
       contend(s);
       spend(s, Stage::cpu, 320'000);
     },
     "somebody waits for the lock 99 % of the time"},
    {"loop", Cause::loop_blocked,
     [](Summary& s) {
       one_thread(s, kSecond / 10, kSecond);
       spend(s, Stage::busy_loop, 19'000'000);
       spend(s, Stage::sleep, 300'000);
     },
     "thread 7 is busy 99 % of the time"},
    {"loop_that_asks", Cause::loop_blocked,
     [](Summary& s) {
       one_thread(s, kSecond / 10, kSecond);
       spend(s, Stage::busy_loop, 19'000'000);
       spend(s, Stage::downstream, 300'000);
       s.facts.downstreams = {{"10.1.2.3:5432", 1}};
     },
     "waits 300 us for another server; open are 1 connection to 10.1.2.3:5432"},
    {"workers", Cause::pool_exhausted,
     [](Summary& s) {
       threads(s, 4);
       spend(s, Stage::handoff, 15'000'000);
     },
     "one of the 4 threads that answer"},
    {"connections", Cause::pool_exhausted,
     [](Summary& s) {
       spend(s, Stage::downstream, 3'000'000);
       spend(s, Stage::lock_user, 16'000'000);
       s.facts.downstreams = {{"10.1.2.3:5432", 9}};
     },
     "in use on average: 9; open are 9 connections to 10.1.2.3:5432"},
    {"downstream", Cause::downstream_bound,
     [](Summary& s) {
       spend(s, Stage::downstream, 18'000'000);
       s.facts.downstreams = {{"10.1.2.3:5432", 64}};
     },
     "18.0 ms, for another server; open are 64 connections to 10.1.2.3:5432"},
    {"accept", Cause::accept_bound, [](Summary& s) { spend(s, Stage::accept_wait, 15'000'000); },
     "before their connection is accepted"},
    {"full_queue", Cause::accept_bound,
     [](Summary& s) {
       s.facts.accept_queues = {{"0.0.0.0:80", 1, 8, 9, 9, 100, 50, 31}};
     },
     "0.0.0.0:80 was full at 50 % of the looks"},
    {"send", Cause::send_bound, [](Summary& s) { spend(s, Stage::send_wait, 15'000'000); },
     "room in the send buffer"},
    {"pauses", Cause::stop_the_world_pauses, [](Summary& s) { stand_still(s, 5, 100'000'000); },
     "5 times nothing was answered for 100 ms"},
    {"timer", Cause::wait_bound, [](Summary& s) { spend(s, Stage::sleep, 18'000'000); },
     "asleep in timers 90 %"},
    {"load", Cause::client_bound, [](Summary&) {}, "the clients wait for nothing else"},
};

class CauseRules : public testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(Of, CauseRules, testing::ValuesIn(kCases),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_P(CauseRules, NamesTheCauseWithItsEvidence) {
  Summary s = capture(20'000'000, 20'000);
  come_after(s, 50'000);
  GetParam().plant(s);
  const Verdict verdict = judge(s);
  ASSERT_FALSE(verdict.findings.empty());
  std::string evidence;
  for (const auto& line : verdict.findings.front().evidence) evidence += line + "\n";
  EXPECT_EQ(name(verdict.cause()), name(GetParam().cause)) << evidence;
  EXPECT_THAT(evidence, HasSubstr(GetParam().evidence));
}

TEST(CauseRules, TellWhatALoopAsksInItsRequestsMidst) {
  Summary s = capture(20'000'000, 20'000);
  come_after(s, 50'000);
  one_thread(s, kSecond / 10, kSecond);
  spend(s, Stage::busy_loop, 19'000'000);
  EXPECT_EQ(judge(s).findings.front().asks, "");
  spend(s, Stage::downstream, 300'000);
  const Verdict verdict = judge(s);
  EXPECT_EQ(verdict.findings.front().asks, "in its own turn a request waits 300 us for another server");
  EXPECT_THAT(verdict.findings.front().evidence, testing::Contains(verdict.findings.front().asks));
}

TEST(CauseRules, EachCauseHasACaseAndIsNamed) {
  std::array<bool, kCauses> seen{};
  for (const Case& one : kCases) seen[static_cast<std::size_t>(one.cause)] = true;
  seen[static_cast<std::size_t>(Cause::none)] = true;  // below
  EXPECT_TRUE(std::ranges::all_of(seen, [](bool one) { return one; }));
}

// Waits of the requests' own are no bottleneck of a server whose clients come at their leisure.
TEST(CauseRules, NameNoneWhereClientsTakeTheirTime) {
  for (const Stage stage : {Stage::sleep, Stage::downstream, Stage::disk}) {
    Summary s = capture(20'000'000, 20'000);
    come_after(s, 300'000'000);
    spend(s, stage, 18'000'000);
    EXPECT_EQ(judge(s).cause(), Cause::none);
    EXPECT_THAT(judge(s).findings.front().evidence.front(), HasSubstr("idle 97 % of the time"));
  }
}

}  // namespace
}  // namespace plateau::model
