#include "harness/folded.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "harness/folder.h"

namespace plateau::live {

std::vector<FoldedLine> read_folded(const std::string& path) {
  std::vector<FoldedLine> lines;
  std::istringstream text(read_file(path));
  for (std::string row; std::getline(text, row);) {
    FoldedLine line;
    const auto space = row.rfind(' ');
    line.ns = std::stod(row.substr(space + 1));
    std::istringstream names(row.substr(0, space));
    for (std::string name; std::getline(names, name, ';');) line.frames.push_back(name);
    lines.push_back(std::move(line));
  }
  return lines;
}

double time_in(const std::vector<FoldedLine>& lines, const std::string& name) {
  double sum = 0;
  for (const auto& line : lines)
    if (std::ranges::any_of(line.frames, [&](const auto& f) { return f.find(name) != std::string::npos; }))
      sum += line.ns;
  return sum;
}

double number_before(const std::string& text, const std::string& mark) {
  const auto end = text.find(mark);
  if (end == std::string::npos) return NAN;
  const auto from = text.find_last_not_of("0123456789,.", end - 1) + 1;
  std::string digits = text.substr(from, end - from);
  std::erase(digits, ',');
  return std::strtod(digits.c_str(), nullptr);
}

double ns_before(const std::string& text, const std::string& mark) {
  for (const auto& [unit, ns] : {std::pair{" s", 1e9}, {" ms", 1e6}, {" us", 1e3}})
    if (const double number = number_before(text, unit + mark); !std::isnan(number)) return number * ns;
  return NAN;
}

double named_share(const std::string& err) {
  return number_before(err.substr(std::min(err.size(), err.find("with a name: "))), " %\n");
}

}  // namespace plateau::live
