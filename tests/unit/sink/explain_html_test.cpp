#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "examples.h"
#include "sink/explain.h"
#include "sink/html.h"
#include "sink/stage_colour.h"

namespace plateau::sink {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kEvil = "/<script>alert('x')</script>\"onload=\"&";

attribution::Summary insightful(const std::string& path, int requests = 997) {
  attribution::Aggregate aggregate({.profiles = 8});
  for (int i = 0; i < requests; i++) {
    request::Request r = example_request(i % 3 ? path : "/plain", 200);
    r.conn = static_cast<std::uint64_t>(i % 7);
    r.ready_ns += static_cast<std::uint64_t>(i) * 1'000'000;
    r.end_ns = r.ready_ns + (i % 50 ? 200'000 : 9'000'000);
    r.recv_ns = r.ready_ns + 20'000;
    if (i % 50 == 0) r.state[PL_STATE_SLEEP] = 8'800'000;
    aggregate.add(r, attribution::budget_of(r));
  }
  aggregate.add(holder_sample(0x7f0000001000, kEvil, 90));
  return example_summary(aggregate, {lock_fact(0x7f0000001000, 990)});
}

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) count++;
  return count;
}

TEST(ExplainHtml, EscapesWhateverComesFromTheTarget) {
  auto summary = insightful(kEvil);
  summary.facts.comm = kEvil;
  summary.facts.listening = {kEvil};
  summary.facts.providers[0].lost = kEvil;
  const std::string page = explain_html(explain(summary, {.curve = true, .asked = {}}));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("\"onload")));
  EXPECT_THAT(page, Not(HasSubstr("alert('x')")));
}

TEST(ExplainHtml, NeedsNothingElse) {
  const std::string page = explain_html(explain(insightful("/a"), {.curve = true, .asked = {}}));
  EXPECT_EQ(page.find("<!doctype html>"), 0u);
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  for (const char* outside : {"http://", "https://", "src=", "href=", "@import", "url("})
    EXPECT_THAT(page, Not(HasSubstr(outside))) << outside;
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme:dark"));
}

TEST(ExplainHtml, HasEverySection) {
  attribution::Summary summary = insightful("/a");
  summary.facts.counters[PL_COUNT_KERNEL_LOCK_WAITS] = 7;
  const std::string page = explain_html(explain(summary, {.curve = true, .asked = {}}));
  for (const char* heading : {"Where the time goes", "What if", "Over time", "Slow requests",
                              "Who holds the locks", "Kernel locks", "Coverage", "own cost"})
    EXPECT_THAT(page, HasSubstr(heading));
  EXPECT_LT(page.find("class=\"verdict"), page.find("<section>")) << "the verdict comes first";
  for (const char* tag : {"section", "table", "svg", "div", "p", "h3", "tr"})
    EXPECT_EQ(count_of(page, "<" + std::string(tag) + ">") + count_of(page, "<" + std::string(tag) + " "),
              count_of(page, "</" + std::string(tag) + ">"))
        << tag;
}

TEST(ExplainHtml, TellsWhatGoroutinesWereParkedFor) {
  attribution::Aggregate aggregate({.profiles = 8});
  const auto r = parked_request("/go");
  aggregate.add(r, attribution::budget_of(r));
  const auto page = [](const attribution::Summary& summary) {
    return explain_html(explain(summary, {.curve = true, .asked = {}}));
  };
  EXPECT_THAT(page(example_summary(aggregate)), HasSubstr("parked for: channel 60 %, gc 30 %, other 10 %"));
  EXPECT_THAT(page(insightful("/a")), Not(HasSubstr("parked for")));
}

TEST(ExplainHtml, TellsWhenThereWereNoRequests) {
  EXPECT_THAT(explain_html(explain(example_summary(attribution::Aggregate{}))),
              HasSubstr("No requests were seen."));
}

TEST(Html, ReplacesControlCharacters) {
  EXPECT_EQ(html_text(std::string("a\0b\x1b[0m", 7)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD[0m");
  EXPECT_EQ(html_text("<a href='x'>&\"</a>"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;");
}

TEST(StageColour, IsAnotherForEveryStage) {
  auto colours = kStageColours;
  std::sort(colours.begin(), colours.end());
  EXPECT_EQ(std::adjacent_find(colours.begin(), colours.end()), colours.end());
}

TEST(SlowRequests, NameTheStageThatMakesThemSlow) {
  const std::string text = explain_text(explain(insightful("/a")));
  EXPECT_THAT(text, HasSubstr("SLOW REQUESTS (the slowest 1.0 %"));
  const auto slow = text.substr(text.find("SLOW REQUESTS"));
  EXPECT_THAT(slow, HasSubstr("\n  sleep            8.80 ms against       0 ns:    +8.80 ms"));
  EXPECT_THAT(slow, HasSubstr("9.00 ms  GET /"));
}

}  // namespace
}  // namespace plateau::sink
