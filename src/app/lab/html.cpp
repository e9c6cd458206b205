#include "app/lab/page_plots.h"
#include "app/lab/writers.h"

namespace plateau::app::lab {
namespace {

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --paper: #fcfcfb; --ink: #0b0b0b; --quiet: #52514e; --rule: #e1e0d9;
  --s0: #898781; --s1: #2a78d6; --s2: #eb6834; --s3: #1baf7a; --bad: #c22d2d; --good: #0a7d0a; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #1a1a19; --ink: #ffffff; --quiet: #c3c2b7; --rule: #383835;
    --s1: #3987e5; --s2: #d95926; --s3: #199e70; --bad: #e66767; --good: #0ca30c; } }
body { background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; max-width: 1100px;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; } h3 { font-size: 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; }
th, td { border-bottom: 1px solid var(--rule); padding: .35rem .6rem; text-align: left; vertical-align: top; }
td:first-child { white-space: nowrap; }
th { color: var(--quiet); font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
pre { white-space: pre-wrap; border-left: 3px solid var(--rule); padding-left: .8rem; margin: .3rem 0; }
svg { display: block; max-width: 100%; height: auto; margin: 1.2rem 0; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg .title { font-weight: 600; font-size: 14px; } svg .figure { fill: var(--quiet); }
svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
svg .axis { stroke: var(--quiet); } svg .grid { stroke: var(--rule); }
svg .s0 { fill: var(--s0); } svg .s1 { fill: var(--s1); } svg .s2 { fill: var(--s2); } svg .s3 { fill: var(--s3); }
svg .line { fill: none; stroke-width: 2; stroke-linejoin: round; } svg .mark { stroke-dasharray: 4 3; }
svg .line.s0, svg .mark.s0 { stroke: var(--s0); } svg .line.s1, svg .mark.s1 { stroke: var(--s1); }
svg .line.s2, svg .mark.s2 { stroke: var(--s2); } svg .line.s3, svg .mark.s3 { stroke: var(--s3); }
.missed { color: var(--bad); font-weight: 600; } .ok { color: var(--good); }
)";

std::string row_of(const Table& table, const std::vector<std::string>& cells, const char* element) {
  std::string row = "<tr>";
  for (std::size_t i = 0; i < cells.size(); i++) {
    row += std::string("<") + element;
    if (table.columns[i].number) row += " class=\"number\"";
    row += ">" + html_text(cells[i]) + "</" + element + ">";
  }
  return row + "</tr>\n";
}

std::string table_of(const Table& table) {
  std::vector<std::string> headings;
  for (const Column& column : table.columns) headings.push_back(full_heading(column));
  std::string text = "<h2>" + html_text(table.title) + "</h2>\n<div class=\"scroll\"><table>\n<thead>" +
                     row_of(table, headings, "th") + "</thead>\n<tbody>\n";
  for (const auto& row : table.rows) text += row_of(table, row, "td");
  return text + "</tbody>\n</table></div>\n";
}

std::string remark_item(const std::string& remark) {
  const bool missed = remark.starts_with("MISSED") || remark.starts_with("FAILED");
  const bool ok = remark.starts_with("ok ");
  return std::string("<li") +
         (missed ? " class=\"missed\""
          : ok   ? " class=\"ok\""
                 : "") +
         ">" + html_text(remark) + "</li>\n";
}

std::string verdicts_of(const Outcome& outcome) {
  std::string text;
  for (const RungOutcome& rung : outcome.rungs)
    if (const Said* const said = said_of(rung))
      text += "<h3>" + html_text(rung.rung.name) + "</h3>\n<pre>" + html_text(said->text) + "</pre>\n";
  return text.empty() ? text : "<h2>The verdicts in full</h2>\n" + text;
}

}  // namespace

std::string html_text(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else if (c == '"')
      escaped += "&quot;";
    else
      escaped += c;
  }
  return escaped;
}

std::string html_of(const Outcome& outcome) {
  const std::string title = html_text(outcome.experiment.name + ": " + outcome.experiment.title);
  std::string page =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
      title + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n<h1>" + title + "</h1>\n";
  page += plots_of(outcome);
  for (const Table& table : tables_of(outcome)) page += table_of(table);
  page += "<h2>Remarks</h2>\n<ul>\n";
  for (const std::string& remark : remarks_of(outcome)) page += remark_item(remark);
  page += "</ul>\n" + verdicts_of(outcome);
  return page + "</body>\n</html>\n";
}

std::vector<File> files_of(const Outcome& outcome) {
  std::vector<File> files = {{"report.md", markdown_of(outcome)},
                             {"result.json", json_of(outcome)},
                             {"result.csv", csv_of(outcome)},
                             {"report.html", html_of(outcome)}};
  if (outcome.experiment.samples) files.push_back({"samples.csv", samples_csv_of(outcome)});
  return files;
}

}  // namespace plateau::app::lab
