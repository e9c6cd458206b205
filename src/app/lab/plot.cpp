#include "app/lab/plot.h"

#include <algorithm>
#include <cmath>

#include "app/lab/measure.h"
#include "app/lab/svg.h"

namespace plateau::app::lab {
namespace {

constexpr double kWidth = 760;
constexpr double kLabels = 250;
constexpr double kFigures = 90;
constexpr double kTop = 56;
constexpr double kBar = 14;
constexpr double kBetween = 2;
constexpr double kGroup = 12;

double largest(const BarPlot& plot) {
  double most = 0;
  for (const BarSeries& series : plot.series)
    for (const auto& value : series.values) most = std::max(most, value.value_or(0));
  return most > 0 ? most : 1;
}

void draw_group(Svg& svg, const BarPlot& plot, std::size_t category, double top, double scale) {
  const double height = static_cast<double>(plot.series.size()) * (kBar + kBetween);
  svg.text(kLabels - 10, top + height / 2 + 4, "ink end", plot.categories[category]);
  for (std::size_t i = 0; i < plot.series.size(); i++) {
    const auto& value = plot.series[i].values[category];
    if (!value) continue;
    const double y = top + static_cast<double>(i) * (kBar + kBetween);
    const double width = std::max(1.0, *value * scale);
    const std::string figure = format_figure(*value, plot.digits);
    svg.bar(kLabels, y, width, kBar, series_class(plot.series[i].style),
            plot.categories[category] + ", " + plot.series[i].name + ": " + figure);
    svg.text(kLabels + width + 6, y + kBar - 3, "figure", figure);
  }
}

}  // namespace

std::string svg_of(const BarPlot& plot) {
  const double group = static_cast<double>(plot.series.size()) * (kBar + kBetween) + kGroup;
  const double height = kTop + static_cast<double>(plot.categories.size()) * group + 6;
  const double scale = (kWidth - kLabels - kFigures) / largest(plot);
  Svg svg(kWidth, height, plot.title);
  std::vector<LegendEntry> legend;
  for (const BarSeries& series : plot.series) legend.push_back({series.name, series_class(series.style)});
  svg.legend(kLabels, 42, legend);
  svg.line(kLabels, kTop - 4, kLabels, height - 6, "axis");
  for (std::size_t i = 0; i < plot.categories.size(); i++)
    draw_group(svg, plot, i, kTop + static_cast<double>(i) * group + kGroup / 2, scale);
  return svg.done();
}

std::vector<double> ticks_to(double most) {
  if (!(most > 0)) return {0, 1};
  const double raw = most / 4;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0})
    if (raw <= factor * power * 1.0001) step = factor * power;
  std::vector<double> ticks;
  for (int i = 0; ticks.empty() || ticks.back() < most * 0.9999; i++) ticks.push_back(i * step);
  return ticks;
}

}  // namespace plateau::app::lab
