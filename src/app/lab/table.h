// The tables of a lab's result, and their text. Pure.
#pragma once

#include <string>
#include <vector>

#include "app/lab/outcome.h"

namespace plateau::app::lab {

struct Column {
  std::string heading;
  bool number = true;   // to the right
  std::string group{};  // what it shares with its neighbours; empty: nothing
};

struct Table {
  std::string title;
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // each as long as columns; a cell that is not known is empty
};

// Every figure as "VALUE (RATIO to the first rung)": the report's, what was measured, and plateau's own.
Table figures_table(const Outcome& outcome);
// What plateau explain said of each rung.
Table verdict_table(const Outcome& outcome);
// Of Kind::causes.
Table causes_table(const Outcome& outcome);
// Those of the above that the outcome has.
std::vector<Table> tables_of(const Outcome& outcome);

// Of one line: "GROUP, HEADING".
std::string full_heading(const Column& column);

// Aligned for a terminal, a newline at the end.
std::string text_of(const Table& table);

// What is said below the tables, a line each: knees, checks, what was skipped, notes, machine and noise.
std::vector<std::string> remarks_of(const Outcome& outcome);

// Everything as a terminal shows it.
std::string text_of(const Outcome& outcome);

}  // namespace plateau::app::lab
