// An SVG picture as it is drawn. Pure.
#pragma once

#include <string>
#include <vector>

namespace plateau::app::lab {

// "s0" to "s3", then again.
std::string series_class(std::size_t number);

struct LegendEntry {
  std::string name;
  std::string classes;
};

class Svg {
 public:
  // With its title, in words and as the picture's name for those who cannot see it.
  Svg(double width, double height, const std::string& title);

  void text(double x, double y, const std::string& classes, const std::string& text);
  void line(double x1, double y1, double x2, double y2, const std::string& classes);
  // From the axis at `x` to the right; `words` show when it is pointed at.
  void bar(double x, double y, double width, double height, const std::string& classes,
           const std::string& words);
  void dot(double x, double y, const std::string& classes, const std::string& words);
  void path(const std::vector<std::pair<double, double>>& points, const std::string& classes);
  // A row of names with their classes; none for a single one, which the title names.
  void legend(double x, double y, const std::vector<LegendEntry>& entries);

  std::string done();

 private:
  std::string out_;
};

}  // namespace plateau::app::lab
