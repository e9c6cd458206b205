#include "app/lab/table.h"
#include "app/lab/predictions.h"

#include <algorithm>
#include <cmath>

namespace plateau::app::lab {
namespace {

// For the eye: "2,940 (1.00)"; the ratio where there is one to give.
std::string figure(double value, double base, int digits) {
  std::string text = format_figure(value, digits);
  if (base > 0) text += " (" + format_figure(value / base, 2) + ")";
  return text;
}

struct Row {
  const RungOutcome& rung;
  const RungOutcome* first;
};

std::string report_cell(const Row& row, const Measure& measure) {
  const auto found = row.rung.rung.report.find(std::string(measure.name));
  if (found == row.rung.rung.report.end()) return "";
  double base = 0;
  if (row.first != nullptr) {
    const auto first = row.first->rung.report.find(std::string(measure.name));
    base = first != row.first->rung.report.end() ? first->second : 0;
  }
  return figure(found->second, base, measure.digits);
}

std::string measured_cell(const Row& row, const Measure& measure) {
  const Spread value = measured(row.rung, measure);
  if (value.count == 0) return "";
  const double base = row.first != nullptr ? measured(*row.first, measure).median : 0;
  return figure(value.median, base, measure.digits);
}

std::string said_cell(const Row& row, const Measure& measure) {
  const Said* const said = said_of(row.rung);
  const auto value = said != nullptr ? measure.said(*said) : std::nullopt;
  if (!value) return "";
  const Said* const first = row.first != nullptr ? said_of(*row.first) : nullptr;
  const auto base = first != nullptr ? measure.said(*first) : std::nullopt;
  return figure(*value, base.value_or(0), measure.digits);
}

// Drops the columns in which no row has anything.
void drop_empty_columns(Table& table) {
  for (std::size_t i = table.columns.size(); i-- > 1;) {
    const bool empty = std::ranges::all_of(table.rows, [i](const auto& row) { return row[i].empty(); });
    if (!empty) continue;
    const auto at = static_cast<std::ptrdiff_t>(i);
    table.columns.erase(table.columns.begin() + at);
    for (auto& row : table.rows) row.erase(row.begin() + at);
  }
}

std::string ceiling_cell(const Said& said, std::size_t number, double base) {
  if (said.ceilings.size() <= number) return "";
  return figure(said.ceilings[number].per_second, base, 0);
}

std::vector<std::string> verdict_row(const Outcome& outcome, const RungOutcome& rung) {
  const Said* const said = said_of(rung);
  if (said == nullptr) {
    const std::string why = rung.rounds.empty() ? "" : rung.rounds.front().not_said;
    return {rung.rung.name, "", "", "nothing: " + why, ""};
  }
  const RungOutcome* const first = first_of(outcome, rung);
  const Said* const first_said = first != nullptr ? said_of(*first) : nullptr;
  const double base =
      first_said != nullptr && !first_said->ceilings.empty() ? first_said->ceilings.front().per_second : 0;
  return {rung.rung.name, ceiling_cell(*said, 0, base), ceiling_cell(*said, 1, base), verdict_in_short(*said),
          stages_in_short(*said)};
}

std::string microseconds(double ns) {
  return format_figure(ns / 1e3, 1);
}

std::vector<std::string> cause_row(const RungOutcome& rung, const CauseRow& row) {
  const std::string verdict = !rung.rung.blind.empty() ? "cannot be shown yet"
                              : row.ok && row.other_ok ? "ok"
                                                       : "MISSED";
  const std::string other = row.other.empty() ? "" : row.other + " " + microseconds(row.other_ns);
  return {rung.rung.name,
          row.stage,
          row.planted_ns > 0 ? microseconds(row.planted_ns) : "not known",
          microseconds(row.risen_ns),
          other,
          std::to_string(row.seen) + "/" + std::to_string(row.sent),
          verdict};
}

// Characters on a terminal: a byte each, continuation bytes of UTF-8 aside.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string space(width > width_of(text) ? width - width_of(text) : 0, ' ');
  return right ? space + text : text + space;
}

std::string line_of(const Table& table, const std::vector<std::string>& cells,
                    const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); i++)
    line += (i > 0 ? "  " : "") + padded(cells[i], widths[i], table.columns[i].number);
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

}  // namespace

Table figures_table(const Outcome& outcome) {
  Table table{"Figures (in brackets: as ratio to the first rung)", {{"rung", false}}, {}};
  std::vector<const Measure*> columns;
  for (const std::string& name : outcome.experiment.columns) {
    columns.push_back(find_measure(name));
    const std::string heading(columns.back()->heading);
    for (const char* who : {"report", "measured", "plateau"}) table.columns.push_back({who, true, heading});
  }
  for (const RungOutcome& rung : outcome.rungs) {
    const Row row{rung, first_of(outcome, rung)};
    std::vector<std::string> cells = {rung.rung.name};
    for (const Measure* measure : columns) {
      cells.push_back(report_cell(row, *measure));
      cells.push_back(measured_cell(row, *measure));
      cells.push_back(said_cell(row, *measure));
    }
    table.rows.push_back(std::move(cells));
  }
  drop_empty_columns(table);
  return table;
}

Table verdict_table(const Outcome& outcome) {
  Table table{
      "What plateau explain said (ceilings in requests/s; the next one is what lifting the first is "
      "predicted to give)",
      {{"rung", false}, {"ceiling"}, {"next ceiling"}, {"what binds", false}, {"time goes to", false}},
      {}};
  for (const RungOutcome& rung : outcome.rungs)
    if (!rung.rounds.empty()) table.rows.push_back(verdict_row(outcome, rung));
  return table;
}

Table causes_table(const Outcome& outcome) {
  Table table{"What each switch plants against what Plateau's budget shows (us a request, medians)",
              {{"switch", false},
               {"stage", false},
               {"planted"},
               {"risen"},
               {"most of the others"},
               {"seen"},
               {"", false}},
              {}};
  for (const RungOutcome& rung : outcome.rungs)
    for (const CauseRow& row : rung.causes) table.rows.push_back(cause_row(rung, row));
  return table;
}

std::vector<Table> tables_of(const Outcome& outcome) {
  if (outcome.experiment.kind == Kind::causes) return {causes_table(outcome)};
  std::vector<Table> tables;
  for (Table table :
       {named_table(outcome), predictions_table(outcome), figures_table(outcome), verdict_table(outcome)})
    if (!table.rows.empty()) tables.push_back(std::move(table));
  return tables;
}

std::string full_heading(const Column& column) {
  return column.group.empty() ? column.heading : column.group + ", " + column.heading;
}

std::string text_of(const Table& table) {
  std::vector<std::string> groups;
  std::vector<std::string> headings;
  std::vector<std::size_t> widths;
  for (const Column& column : table.columns) {
    const bool goes_on = &column != &table.columns.front() && (&column - 1)->group == column.group;
    groups.push_back(goes_on ? "" : column.group);
    headings.push_back(column.heading);
    widths.push_back(std::max(width_of(column.heading), width_of(groups.back())));
  }
  for (const auto& row : table.rows)
    for (std::size_t i = 0; i < row.size(); i++) widths[i] = std::max(widths[i], width_of(row[i]));
  const bool grouped = std::ranges::any_of(groups, [](const std::string& group) { return !group.empty(); });
  std::string text =
      table.title + "\n" + (grouped ? line_of(table, groups, widths) : "") + line_of(table, headings, widths);
  for (const auto& row : table.rows) text += line_of(table, row, widths);
  return text;
}

std::vector<std::string> remarks_of(const Outcome& outcome) {
  std::vector<std::string> remarks;
  for (const Knee& knee : knees_of(outcome)) remarks.push_back(knee.text);
  for (const Check& check : checks_of(outcome))
    remarks.push_back((check.ok ? "ok      " : "MISSED  ") + check.rung + ": " + check.text);
  for (const RungOutcome& rung : outcome.rungs) {
    if (!rung.skipped.empty())
      remarks.push_back((rung.failed ? "FAILED  " : "skipped ") + rung.rung.name + ": " + rung.skipped);
    if (!rung.rung.note.empty()) remarks.push_back(rung.rung.name + ": " + rung.rung.note);
    if (!rung.rung.blind.empty()) remarks.push_back("blind   " + rung.rung.name + ": " + rung.rung.blind);
  }
  remarks.insert(remarks.end(), outcome.notes.begin(), outcome.notes.end());
  remarks.push_back(outcome.machine + "; " + outcome.place);
  remarks.push_back("noise: " + noise_text(outcome));
  if (outcome.interrupted) remarks.emplace_back("interrupted: what is missing was not measured");
  return remarks;
}

std::string text_of(const Outcome& outcome) {
  std::string text = outcome.experiment.name + ": " + outcome.experiment.title + "\n";
  for (const Table& table : tables_of(outcome)) text += "\n" + text_of(table);
  text += "\n";
  for (const std::string& remark : remarks_of(outcome)) text += remark + "\n";
  return text;
}

}  // namespace plateau::app::lab
