// Plots as SVG, coloured by the page's style: classes s0…s3 for the series, ink for text, rule for lines.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace plateau::app::lab {

struct BarSeries {
  std::string name;
  std::vector<std::optional<double>> values;  // one a category; 0 or more
  std::size_t style = 0;                      // of series_class()
};

// Groups of horizontal bars, with their figures.
struct BarPlot {
  std::string title;
  std::vector<std::string> categories;
  std::vector<BarSeries> series;
  int digits = 0;
};
std::string svg_of(const BarPlot& plot);

struct LinePoint {
  double x = 0;
  double y = 0;
};

struct LineSeries {
  std::string name;
  std::vector<LinePoint> points;
  std::optional<double> mark;  // an x, marked by a vertical line
};

// Lines over one x, from y = 0 on.
struct LinePlot {
  std::string title;
  std::string x_title;
  bool logarithmic_x = false;
  std::vector<LineSeries> series;
  int digits = 0;  // of y
};
std::string svg_of(const LinePlot& plot);

// Round values from 0 to at least `most`, five or so.
std::vector<double> ticks_to(double most);

}  // namespace plateau::app::lab
