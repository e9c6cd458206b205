#include "app/lab/writers.h"

namespace plateau::app::lab {
namespace {

std::string row_of(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const std::string& cell : cells) row += " " + markdown_cell(cell) + " |";
  return row + "\n";
}

std::string table_of(const Table& table) {
  std::vector<std::string> headings;
  std::string rule = "|";
  for (const Column& column : table.columns) {
    headings.push_back(full_heading(column));
    rule += column.number ? " ---: |" : " --- |";
  }
  std::string text = "## " + table.title + "\n\n" + row_of(headings) + rule + "\n";
  for (const auto& row : table.rows) text += row_of(row);
  return text;
}

std::string verdicts_of(const Outcome& outcome) {
  std::string text;
  for (const RungOutcome& rung : outcome.rungs)
    if (const Said* const said = said_of(rung))
      text += "\n### " + rung.rung.name + "\n\n```\n" + said->text + "```\n";
  return text.empty() ? text : "\n## The verdicts in full\n" + text;
}

}  // namespace

std::string markdown_cell(const std::string& text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|' || c == '\\' || c == '<' || c == '`' || c == '*' || c == '_') cell += '\\';
    cell += c == '\n' || c == '\r' ? ' ' : c;
  }
  return cell;
}

std::string markdown_of(const Outcome& outcome) {
  std::string text = "# " + outcome.experiment.name + ": " + outcome.experiment.title + "\n";
  for (const Table& table : tables_of(outcome)) text += "\n" + table_of(table);
  text += "\n## Remarks\n\n";
  for (const std::string& remark : remarks_of(outcome)) text += "- " + markdown_cell(remark) + "\n";
  return text + verdicts_of(outcome);
}

}  // namespace plateau::app::lab
