// A lab's result as files. Pure.
#pragma once

#include <string>
#include <vector>

#include "app/lab/outcome.h"
#include "app/lab/table.h"

namespace plateau::app::lab {

std::string markdown_of(const Outcome& outcome);

// Everything, every round. Names end in their unit.
std::string json_of(const Outcome& outcome);

// One line a rung and measure; of Kind::causes one a switch and stage. RFC 4180, with a heading.
std::string csv_of(const Outcome& outcome);

// One line a sample; only the heading where none were taken.
std::string samples_csv_of(const Outcome& outcome);

// A page that needs nothing else.
std::string html_of(const Outcome& outcome);

struct File {
  std::string name;
  std::string contents;
};
std::vector<File> files_of(const Outcome& outcome);

// As the three formats need it.
std::string csv_field(const std::string& text);
std::string markdown_cell(const std::string& text);
std::string html_text(const std::string& text);

}  // namespace plateau::app::lab
