#include <algorithm>
#include <cmath>

#include "app/lab/measure.h"
#include "app/lab/plot.h"
#include "app/lab/svg.h"

namespace plateau::app::lab {
namespace {

constexpr double kWidth = 760;
constexpr double kHeight = 300;
constexpr double kLeft = 80;
constexpr double kRight = 20;
constexpr double kTop = 60;
constexpr double kBottom = 46;
constexpr std::size_t kMostDots = 40;

// The grey of the first class is for what is quoted, not for what is measured.
std::string class_of(std::size_t number) {
  return series_class(number % 3 + 1);
}

struct Frame {
  bool logarithmic = false;
  double first = 0;
  double last = 1;
  double most = 1;

  double along(double x) const { return logarithmic ? std::log10(x) : x; }
  double x(double value) const {
    const double extent = along(last) - along(first);
    const double share = extent > 0 ? (along(value) - along(first)) / extent : 0.5;
    return kLeft + share * (kWidth - kLeft - kRight);
  }
  double y(double value) const { return kHeight - kBottom - value / most * (kHeight - kTop - kBottom); }
};

Frame frame_of(const LinePlot& plot) {
  Frame frame;
  frame.logarithmic = plot.logarithmic_x;
  bool any = false;
  double most = 0;
  for (const LineSeries& series : plot.series)
    for (const LinePoint& point : series.points) {
      frame.first = any ? std::min(frame.first, point.x) : point.x;
      frame.last = any ? std::max(frame.last, point.x) : point.x;
      most = std::max(most, point.y);
      any = true;
    }
  frame.most = ticks_to(most).back();
  return frame;
}

// Of a logarithmic axis the points' own x, which are few; else round values.
std::vector<double> x_ticks(const LinePlot& plot, const Frame& frame) {
  if (!plot.logarithmic_x) {
    std::vector<double> ticks = ticks_to(frame.last);
    std::erase_if(ticks, [&](double tick) { return tick < frame.first || tick > frame.last; });
    return ticks;
  }
  std::vector<double> ticks;
  for (const LineSeries& series : plot.series)
    for (const LinePoint& point : series.points) ticks.push_back(point.x);
  std::ranges::sort(ticks);
  ticks.erase(std::unique(ticks.begin(), ticks.end()), ticks.end());
  return ticks;
}

int digits_for(const std::vector<double>& ticks) {
  const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : 1;
  return step >= 1 ? 0 : static_cast<int>(std::ceil(-std::log10(step)));
}

void draw_axes(Svg& svg, const LinePlot& plot, const Frame& frame) {
  const std::vector<double> ys = ticks_to(frame.most);
  for (const double tick : ys) {
    svg.line(kLeft, frame.y(tick), kWidth - kRight, frame.y(tick), tick > 0 ? "grid" : "axis");
    svg.text(kLeft - 8, frame.y(tick) + 4, "figure end", format_figure(tick, digits_for(ys)));
  }
  const std::vector<double> xs = x_ticks(plot, frame);
  const int digits = plot.logarithmic_x ? 0 : digits_for(xs);
  for (const double tick : xs)
    svg.text(frame.x(tick), kHeight - kBottom + 18, "figure middle", format_figure(tick, digits));
  svg.text((kLeft + kWidth - kRight) / 2, kHeight - 8, "figure middle", plot.x_title);
}

void draw_series(Svg& svg, const LinePlot& plot, const Frame& frame, std::size_t number) {
  const LineSeries& series = plot.series[number];
  std::vector<std::pair<double, double>> points;
  for (const LinePoint& point : series.points) points.emplace_back(frame.x(point.x), frame.y(point.y));
  svg.path(points, class_of(number));
  for (std::size_t i = 0; points.size() <= kMostDots && i < points.size(); i++)
    svg.dot(points[i].first, points[i].second, class_of(number),
            series.name + " at " + format_figure(series.points[i].x, 0) + ": " +
                format_figure(series.points[i].y, plot.digits));
  if (!series.mark) return;
  const double x = frame.x(*series.mark);
  const double label = kTop + 12 + 14 * static_cast<double>(number);
  svg.line(x, kTop, x, kHeight - kBottom, "mark " + class_of(number));
  svg.text(x + 5, label, "figure", "knee of " + series.name + ": " + format_figure(*series.mark, 0));
}

}  // namespace

std::string svg_of(const LinePlot& plot) {
  const Frame frame = frame_of(plot);
  Svg svg(kWidth, kHeight, plot.title);
  std::vector<LegendEntry> legend;
  for (std::size_t i = 0; i < plot.series.size(); i++) legend.push_back({plot.series[i].name, class_of(i)});
  svg.legend(kLeft, 40, legend);
  draw_axes(svg, plot, frame);
  for (std::size_t i = 0; i < plot.series.size(); i++) draw_series(svg, plot, frame, i);
  return svg.done();
}

}  // namespace plateau::app::lab
