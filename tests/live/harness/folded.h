// A flamegraph in folded form, and what plateau says of its stacks.
#pragma once

#include <string>
#include <vector>

namespace plateau::live {

struct FoldedLine {
  std::vector<std::string> frames;  // outermost first
  double ns = 0;
};

std::vector<FoldedLine> read_folded(const std::string& path);

// Time of the stacks in which a frame's name contains `name`; all of it for "".
double time_in(const std::vector<FoldedLine>& lines, const std::string& name);

// The number that stands before the first `mark` in `text`; NaN if there is none.
double number_before(const std::string& text, const std::string& mark);

// The duration that stands there, "1.20 s" or "310 ms", in nanoseconds.
double ns_before(const std::string& text, const std::string& mark);

// Per cent of the frames that plateau says have a name.
double named_share(const std::string& err);

}  // namespace plateau::live
