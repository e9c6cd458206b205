#include "app/lab/writers.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "lab_outcome_fixture.h"

namespace plateau::app::lab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Table, HasReportMeasuredAndPlateauWithTheirRatios) {
  const Table table = figures_table(an_outcome());
  ASSERT_EQ(table.columns.size(), 7u);
  EXPECT_EQ(full_heading(table.columns[1]), "requests/s, report");
  EXPECT_THAT(table.rows[0], ElementsAre("slow", "2,940 (1.00)", "1,000 (1.00)", "990 (1.00)",
                                         "138.00 (1.00)", "21.00 (1.00)", "21.00 (1.00)"));
  EXPECT_THAT(table.rows[1], ElementsAre("fast | 2x", "3,760 (1.28)", "2,000 (2.00)", "990 (1.00)", "",
                                         "7.00 (0.33)", "21.00 (1.00)"));
  EXPECT_THAT(table.rows[2], ElementsAre("odd", "", "", "", "", "", ""));
}

TEST(Table, ColumnsWithoutAnyFigureAreLeftOut) {
  Outcome outcome = an_outcome();
  outcome.experiment.columns = {"throughput", "wait_us"};
  EXPECT_EQ(figures_table(outcome).columns.size(), 4u);
}

TEST(Table, VerdictsAreShortAndTheirCeilingsCompared) {
  const Table table = verdict_table(an_outcome());
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_THAT(table.rows[1], ElementsAre("fast | 2x", "2,002 (2.00)", "5,000 (5.00)",
                                         "lock in hold: 2,002/s at most, 1.00 ms a request",
                                         "lock_user 9.00 ms, cpu 1.00 ms"));
}

TEST(Table, TextIsAligned) {
  Table table{"title", {{"name", false}, {"n", true}}, {{"a", "1"}, {"\xC3\xA9t\xC3\xA9", "1,000"}}};
  EXPECT_EQ(text_of(table), "title\nname      n\na         1\n\xC3\xA9t\xC3\xA9   1,000\n");
}

TEST(Remarks, TellWhatHeldWhatMissedAndWhatWasSkipped) {
  const auto remarks = remarks_of(an_outcome());
  EXPECT_THAT(remarks, testing::Contains("ok      slow: requests/s at least 950 and at most 1,050: 1,000"));
  EXPECT_THAT(remarks, testing::Contains(
                           "MISSED  fast | 2x: requests/s as ratio to the first rung at least 2.50: 2.00"));
  EXPECT_THAT(remarks, testing::Contains("skipped odd: no such switch, \"odd\""));
  EXPECT_THAT(remarks, testing::Contains("a note"));
}

TEST(Csv, QuotesWhatMustBeQuoted) {
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"so\"\n"), "\"say \"\"so\"\"\n\"");
}

TEST(Csv, HasALineForEachRungAndMeasure) {
  const std::string csv = csv_of(an_outcome());
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 7);
  EXPECT_THAT(csv, HasSubstr("\r\nknown,slow,throughput,2940,1000,1,995,1005,3,990,1001,\"lock in hold: "
                             "1,001/s at most, 1.00 ms a request\",\r\n"));
  EXPECT_THAT(csv, HasSubstr("\r\nknown,odd,p99_ms,,,,,,0,,,,\"no such switch, \"\"odd\"\"\"\r\n"));
}

TEST(Csv, SamplesHaveALineEach) {
  Outcome outcome = an_outcome();
  outcome.rungs[0].rounds[1].samples = {{0.2, 500, 3e6, 4096, 7}};
  EXPECT_EQ(samples_csv_of(outcome),
            "rung,round,at_s,per_second,p999_ms,rss_bytes,threads\r\nslow,2,0.2,500,3,4096,7\r\n");
}

TEST(Markdown, EscapesWhatWouldBreakATable) {
  EXPECT_EQ(markdown_cell("a|b <c>\n_d*"), "a\\|b \\<c> \\_d\\*");
  const std::string text = markdown_of(an_outcome());
  EXPECT_THAT(text, HasSubstr("| rung | requests/s, report | requests/s, measured |"));
  EXPECT_THAT(text, HasSubstr("| --- | ---: |"));
  EXPECT_THAT(text, HasSubstr("| fast \\| 2x | 3,760 (1.28) | 2,000 (2.00) |"));
}

TEST(Html, IsOnePageThatNeedsNothingElse) {
  const std::string page = html_of(an_outcome());
  EXPECT_THAT(page, HasSubstr("<!doctype html>"));
  EXPECT_THAT(page, HasSubstr("known &lt;figures&gt;"));
  EXPECT_THAT(page, HasSubstr("The lock &lt;a&amp;b&gt; is the ceiling."));
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme: dark"));
  EXPECT_THAT(page, HasSubstr("<svg "));
  for (const char* outside : {"http:", "https:", "src=", "<link", "@import", "url("})
    EXPECT_THAT(page, Not(HasSubstr(outside)));
}

TEST(Json, HasEveryRoundAndRatio) {
  const auto json = nlohmann::json::parse(json_of(an_outcome()));
  EXPECT_EQ(json["rungs"][0]["rounds"].size(), 3u);
  EXPECT_EQ(json["rungs"][0]["measured"]["throughput"]["median"], 1000);
  EXPECT_EQ(json["rungs"][1]["measured"]["throughput"]["ratio"], 2);
  EXPECT_EQ(json["rungs"][0]["plateau"]["ceilings"][0]["per_second"], 1001);
  EXPECT_EQ(json["rungs"][2]["skipped"], "no such switch, \"odd\"");
  EXPECT_EQ(json["checks"].size(), 2u);
}

TEST(Files, AreTheFourAndTheSamplesWhereThereAreAny) {
  Outcome outcome = an_outcome();
  EXPECT_EQ(files_of(outcome).size(), 4u);
  outcome.experiment.samples = true;
  EXPECT_EQ(files_of(outcome).back().name, "samples.csv");
}

}  // namespace
}  // namespace plateau::app::lab
