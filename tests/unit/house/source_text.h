// Just enough of a C++ scanner to look at includes and names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plateau::house {

struct Include {
  std::string name;  // without its quotes or brackets
  bool quoted = false;
  int line = 0;  // from 1
};

// The text with comments and literals blanked out, line breaks kept. Raw strings and literals over several
// lines are not understood.
std::string code_of(std::string_view text);

// The #include lines outside comments, in the order of the file.
std::vector<Include> includes(std::string_view text);

// The lines of a text, without their ends.
std::vector<std::string_view> lines(std::string_view text);

}  // namespace plateau::house
