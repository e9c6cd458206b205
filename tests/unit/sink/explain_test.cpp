#include "sink/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "examples.h"

namespace plateau::sink {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string text_of(const attribution::Summary& summary) {
  return explain_text(explain(summary));
}

json json_of(const attribution::Summary& summary) {
  const auto value = json::parse(explain_json(explain(summary)), nullptr, false);
  EXPECT_FALSE(value.is_discarded());
  return value.is_discarded() ? json() : value;
}

std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

attribution::Summary idle_summary() {
  attribution::Aggregate aggregate;
  const auto r = example_request("/", 200);
  aggregate.add(r, attribution::budget_of(r));
  return example_summary(aggregate);
}

TEST(ExplainText, NamesTheLockItsHolderAndTheCeiling) {
  const auto summary = full_summary();
  const auto verdict = model::judge(summary);
  ASSERT_TRUE(verdict.bound);
  const std::string text = on_one_line(verdict_text(summary, verdict));
  EXPECT_THAT(
      text, StartsWith("The lock at 0x7f0000001000 is the ceiling: it lets 105/s requests through at most"));
  EXPECT_THAT(text, HasSubstr("held by bank::settle, 300 us at a time"));
  EXPECT_THAT(text, HasSubstr("the CPUs are 80 % idle"));
  EXPECT_THAT(text, HasSubstr("To lift the ceiling: "));
}

TEST(ExplainText, NamesWhatABlockedLoopAsks) {
  model::Verdict verdict;
  model::Ceiling loop;
  loop.resource = model::Resource::loop;
  loop.utilisation = 1;
  verdict.ceilings = {loop};
  verdict.findings = {{model::Cause::loop_blocked, 0.9, {"one", "two", "three"}, ""}};
  EXPECT_THAT(on_one_line(verdict_text(full_summary(), verdict)),
              testing::AllOf(HasSubstr("less time for each request in the loop"), Not(HasSubstr("hree"))));
  verdict.findings[0].asks = "in its own turn a request waits for another server";
  EXPECT_THAT(on_one_line(verdict_text(full_summary(), verdict)),
              testing::AllOf(HasSubstr(" idle. In its own turn a request waits for another server. To lift"),
                             HasSubstr("ask it without blocking")));
}

TEST(ExplainText, SpeaksOfOneCpuAsOfOne) {
  model::Verdict verdict;
  model::Ceiling cpu;
  cpu.utilisation = 1;
  verdict.ceilings = {cpu};
  verdict.findings = {{model::Cause::cpu_bound, 0.9, {"one"}, ""}};
  auto summary = full_summary();
  summary.facts.allowed_cpus = 1;
  EXPECT_THAT(on_one_line(verdict_text(summary, verdict)), HasSubstr("With its one CPU to itself it could"));
  summary.facts.allowed_cpus = 3;
  EXPECT_THAT(on_one_line(verdict_text(summary, verdict)), HasSubstr("With all 3 CPUs to itself it could"));
}

// Columns of a line of UTF-8.
std::size_t columns(const std::string& line) {
  return static_cast<std::size_t>(
      std::ranges::count_if(line, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

TEST(ExplainBrief, FitsATerminalsPageAndSaysWhatToDo) {
  const std::string page = explain_brief(explain(full_summary()));
  std::istringstream lines(page);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); count++) EXPECT_LE(columns(line), 80u) << line;
  EXPECT_LE(count, 24u);
  const std::string text = on_one_line(page);
  EXPECT_THAT(text, HasSubstr("The lock at 0x7f0000001000 is the ceiling"));
  EXPECT_THAT(text, HasSubstr("held by bank::settle"));
  EXPECT_THAT(text, HasSubstr("To lift the ceiling: hold the lock for less time"));
  EXPECT_THAT(text, HasSubstr("CAUSE  lock_blocked_holder"));
  EXPECT_THAT(text, HasSubstr("WHAT IF"));
  EXPECT_THAT(text, HasSubstr("SEEN   "));
}

TEST(ExplainBrief, FitsWhateverItHasToSay) {
  attribution::Summary summary = full_summary();
  summary.facts.comm = std::string(300, 'x');
  for (auto& lock : summary.locks)
    for (auto& holder : lock.holders)
      for (auto& frame : holder.frames) frame = std::string(500, 'f') + " " + std::string(40, 'g');
  summary.facts.accept_queues = {{"0.0.0.0:80", 1, 8, 9, 9, 100, 50, 31}};
  std::istringstream lines(explain_brief(explain(summary)));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); count++) EXPECT_LE(columns(line), 80u) << line;
  EXPECT_LE(count, 24u);
  EXPECT_THAT(explain_brief(explain({})), HasSubstr("No requests were seen."));
}

TEST(ExplainText, SaysWhenNothingIsUsedUp) {
  const auto summary = idle_summary();
  EXPECT_THAT(text_of(summary), HasSubstr("No plateau: nothing that was measured is used up."));
}

TEST(ExplainText, SaysWhenThereWereNoRequests) {
  const auto summary = example_summary(attribution::Aggregate{});
  EXPECT_THAT(text_of(summary), HasSubstr("No requests were seen."));
  EXPECT_THAT(text_of(summary), Not(HasSubstr("BY ROUTE")));
}

TEST(ExplainText, ShowsTheBudgetByFallingShare) {
  const std::string text = text_of(full_summary());
  EXPECT_THAT(text,
              HasSubstr("  cpu               100 us    50 %  ###############                 executed\n"));
  EXPECT_THAT(text, HasSubstr("  lock_user        60.0 us    30 %  #########"));
  EXPECT_LT(text.find("  cpu  "), text.find("  lock_user  "));
  EXPECT_THAT(text, HasSubstr("  latency           200 us\n"));
  EXPECT_THAT(text, Not(HasSubstr("  disk  "))) << "nothing was spent on it";
}

TEST(ExplainText, ShowsRoutesByFallingCount) {
  const std::string text = text_of(full_summary());
  EXPECT_THAT(text, HasSubstr("  GET    /users/{id} "));
  EXPECT_LT(text.find("/users/{id}"), text.find("/slow"));
}

TEST(ExplainText, ShowsLossesBlindSpotsAndCost) {
  const std::string text = text_of(full_summary());
  EXPECT_THAT(text, HasSubstr("  lost     1 turns lost: ring buffer full\n"));
  EXPECT_THAT(text, HasSubstr("  blind    waking: lock holders are not known\n"));
  EXPECT_THAT(text, HasSubstr("  agent    1.2 % of a CPU, 20.0 MiB resident\n"));
  EXPECT_THAT(text, HasSubstr("  target   300 ns of probes a request"));
  EXPECT_THAT(text, Not(HasSubstr("UNDER 99 %")));
}

TEST(ExplainText, ShowsWhatFixesWouldBringBeforeTheCoverage) {
  const std::string text = text_of(idle_summary());
  EXPECT_THAT(text, HasSubstr("\nWHAT IF\n  No prediction: only 1 requests were seen"));
  EXPECT_LT(text.find("WHAT IF"), text.find("COVERAGE"));
  EXPECT_THAT(text_of(example_summary(attribution::Aggregate{})), Not(HasSubstr("WHAT IF")));
}

TEST(ExplainText, WarnsWhenCoverageIsLow) {
  attribution::Summary summary = full_summary();
  summary.coverage.seen = summary.coverage.explained * 2;
  EXPECT_THAT(text_of(summary), HasSubstr("COVERAGE IS UNDER 99 %"));
}

TEST(ExplainText, SaysWhatPausesLeftOut) {
  attribution::Summary summary = full_summary();
  EXPECT_THAT(text_of(summary), Not(HasSubstr("watched")));
  summary.paused_ns = 3 * summary.interval_ns;
  summary.facts.cost.full = 0.16;
  summary.facts.cost.bound = 0.04;
  summary.coverage.interrupted = 1013;
  EXPECT_THAT(
      text_of(summary),
      HasSubstr("  watched  25 % of the time: watching all requests would cost the target 16 % of its "
                "CPU time, the bound is 4.0 % (--max-cost); 1,013 requests were given up where "
                "looking paused\n"));
  EXPECT_EQ(json_of(summary)["coverage"]["interrupted"], 1013);
}

TEST(ExplainText, SaysThatACutCaptureLacksItsEnd) {
  attribution::Summary summary = full_summary();
  summary.facts.complete = false;
  EXPECT_THAT(text_of(summary), HasSubstr("not known: the capture was cut off"));
}

TEST(ExplainText, WrapsTheVerdictAt100Columns) {
  const auto summary = full_summary();
  std::istringstream in(verdict_text(summary, model::judge(summary)));
  int lines = 0;
  for (std::string line; std::getline(in, line); lines++) EXPECT_LE(line.size(), 100u) << line;
  EXPECT_GE(lines, 3);
}

TEST(ExplainText, SurvivesVeryLongNames) {
  attribution::Summary summary = full_summary();
  const std::string name(5000, 'n');
  summary.routes[0].route = summary.routes[0].method = name;
  summary.locks[0].holders[0].frames = {name, name};
  summary.locks[0].holders[0].modules = {"", ""};
  EXPECT_THAT(text_of(summary), HasSubstr("COVERAGE\n"));
}

TEST(ExplainJson, HoldsTheVerdict) {
  const json j = json_of(full_summary());
  EXPECT_EQ(j["verdict"]["bound"], true);
  EXPECT_EQ(j["verdict"]["bottleneck"], "lock");
  EXPECT_EQ(j["verdict"]["ceilings"][0]["holder"], "bank::settle");
  EXPECT_EQ(j["verdict"]["ceilings"][0]["futex"], 0x7f0000001000);
  EXPECT_NEAR(j["verdict"]["ceilings"][0]["per_second"], 105.3, 0.1);
  EXPECT_TRUE(json_of(idle_summary())["verdict"]["bottleneck"].is_null());
}

TEST(ExplainJson, HoldsRoutesWhoseStagesAddUp) {
  const json j = json_of(full_summary());
  EXPECT_EQ(j["total"]["requests"], 100);
  std::uint64_t requests = 0;
  for (const auto& route : j["routes"]) {
    requests += route["requests"].get<std::uint64_t>();
    std::uint64_t stages = 0;
    for (const auto& ns : route["stages_sum_ns"]) stages += ns.get<std::uint64_t>();
    EXPECT_EQ(stages, route["latency_sum_ns"]);
  }
  EXPECT_EQ(requests, 100u);
}

TEST(ExplainJson, HoldsLocksCoverageAndCost) {
  const json j = json_of(full_summary());
  EXPECT_EQ(j["plateau"], "0.1.0");
  EXPECT_EQ(j["complete"], true);
  EXPECT_EQ(j["target"]["pids"], json::array({4711}));
  EXPECT_EQ(j["locks"][0]["holders"][0]["function"], "bank::settle");
  EXPECT_EQ(j["locks"][0]["holders"][0]["handovers"], 90);
  EXPECT_EQ(j["coverage"]["requests_seen"], 101) << "one turn was lost";
  EXPECT_EQ(j["coverage"]["lost"]["ring_full"], 1);
  EXPECT_EQ(j["coverage"]["lost"].size(), full_summary().coverage.losses.size());
  EXPECT_EQ(j["cost"]["probe_ns_per_request"], 300);
  EXPECT_EQ(j["providers"][1]["lost"], "lock holders are not known");
}

TEST(ExplainJson, HoldsWhatFixesWouldBring) {
  EXPECT_TRUE(json_of(full_summary())["what_if"]["today"].is_object());
  EXPECT_THAT(json_of(idle_summary())["what_if"]["reason"].get<std::string>(), StartsWith("only 1 requests"));
}

TEST(ExplainJson, IsValidWhateverTheNamesHold) {
  attribution::Summary summary = full_summary();
  std::string name;
  for (int byte = 0; byte < 256; byte++) name += static_cast<char>(byte);
  summary.routes[0].route = summary.routes[0].method = summary.facts.comm = summary.facts.executable = name;
  summary.facts.listening = {name};
  summary.facts.providers[0] = {name, name, name, name};
  summary.locks[0].holders[0].frames = {name, name};
  summary.locks[0].holders[0].modules = {name, name};
  EXPECT_TRUE(json_of(summary).is_object());
}

TEST(ExplainJson, IsTheSameForTheSameSummary) {
  const auto summary = full_summary();
  EXPECT_EQ(explain_json(explain(summary)), explain_json(explain(summary)));
}

}  // namespace
}  // namespace plateau::sink
