// A chart as SVG, coloured by the page's own style (html.h). All text is escaped.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plateau::sink {

struct Axis {
  double least = 0;
  double most = 1;
  bool logarithmic = false;  // least > 0
  std::string label;
  std::function<std::string(double)> tick;
};

using Points = std::vector<std::pair<double, double>>;

class Plot {
 public:
  // `width` in the units of the picture, which is scaled to the room it gets.
  Plot(std::string_view title, Axis x, Axis y, double width = 520, double height = 240);

  // `style`: a, b or c, and dash.
  void line(const Points& points, std::string_view style, std::string_view name = {});
  // Between two lines over the same x.
  void area(const Points& low, const Points& high, std::string_view style, std::string_view name);
  void dot(double x, double y, std::string_view style, std::string_view words);
  // Across the whole chart, its name above it.
  void level(double y, std::string_view style, std::string_view name);

  std::string done() const { return out_ + "</svg>\n"; }

 private:
  double x_of(double value) const;
  double y_of(double value) const;
  void grid();
  void text(double x, double y, std::string_view style, std::string_view words, const char* anchor);

  Axis x_, y_;
  double width_, height_;
  std::string out_;
  double legend_x_;
};

// The end of an axis from 0 that holds `most`: 1, 2 or 5 times a power of ten.
double round_up(double most);

}  // namespace plateau::sink
