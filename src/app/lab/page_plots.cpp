#include "app/lab/page_plots.h"

#include <algorithm>
#include <cmath>

#include "app/lab/plot.h"

namespace plateau::app::lab {
namespace {

std::optional<double> positive(std::optional<double> value) {
  return value ? std::optional(std::max(0.0, *value)) : value;
}

bool is_empty(const BarSeries& series) {
  return std::ranges::none_of(series.values, [](const auto& value) { return value.has_value(); });
}

std::string bars_of(const Outcome& outcome, const Measure& measure) {
  BarPlot plot{std::string(measure.heading),
               {},
               {{"report", {}, 0}, {"measured", {}, 1}, {"plateau", {}, 2}},
               measure.digits};
  for (const RungOutcome& rung : outcome.rungs) {
    const Spread value = measured(rung, measure);
    const Said* const said = said_of(rung);
    const auto report = rung.rung.report.find(std::string(measure.name));
    if (value.count == 0 && report == rung.rung.report.end()) continue;
    plot.categories.push_back(rung.rung.name);
    plot.series[0].values.push_back(report != rung.rung.report.end() ? std::optional(report->second)
                                                                     : std::nullopt);
    plot.series[1].values.push_back(value.count > 0 ? positive(value.median) : std::nullopt);
    plot.series[2].values.push_back(said != nullptr ? positive(measure.said(*said)) : std::nullopt);
  }
  std::erase_if(plot.series, is_empty);
  return plot.series.empty() ? "" : svg_of(plot);
}

bool is_series(const Outcome& outcome) {
  return std::ranges::any_of(outcome.rungs,
                             [](const RungOutcome& rung) { return rung.rung.connections > 0; });
}

std::string lines_of(const Outcome& outcome, const Measure& measure) {
  LinePlot plot{std::string(measure.heading), "connections", true, {}, measure.digits};
  for (const RungOutcome& rung : outcome.rungs) {
    if (rung.rung.connections == 0 || rung.rounds.empty()) continue;
    if (plot.series.empty() || plot.series.back().name != rung.rung.series)
      plot.series.push_back({rung.rung.series, {}, std::nullopt});
    plot.series.back().points.push_back(
        {static_cast<double>(rung.rung.connections), measured(rung, measure).median});
  }
  for (const Knee& knee : knees_of(outcome))
    for (LineSeries& series : plot.series) {
      if (series.name != knee.series) continue;
      if (measure.name == "throughput" && knee.throughput_at) series.mark = *knee.throughput_at;
      if (measure.name == "p999_ms" && knee.latency_at) series.mark = *knee.latency_at;
    }
  return plot.series.empty() ? "" : svg_of(plot);
}

std::string latency_over_time(const RungOutcome& rung) {
  const Round* const round = middle_round(rung, [](const Round& r) { return !r.slowest.empty(); });
  if (round == nullptr) return "";
  LinePlot plot{
      rung.rung.name + ": slowest request of each 20 ms, ms", "seconds", false, {{"latency", {}, {}}}, 2};
  for (const SlicePoint& point : round->slowest) plot.series[0].points.push_back({point.x, point.y});
  return svg_of(plot);
}

std::string causes_plot(const Outcome& outcome) {
  BarPlot plot{"Planted and seen, us a request", {}, {{"planted", {}, 0}, {"seen by plateau", {}, 2}}, 1};
  for (const RungOutcome& rung : outcome.rungs)
    for (const CauseRow& row : rung.causes) {
      if (row.planted_ns <= 0) continue;
      plot.categories.push_back(rung.rung.name.substr(0, 26) + ", " +
                                row.stage.substr(0, row.stage.find(' ')));
      plot.series[0].values.push_back(row.planted_ns / 1e3);
      plot.series[1].values.push_back(positive(row.risen_ns / 1e3));
    }
  return plot.categories.empty() ? "" : svg_of(plot);
}

}  // namespace

std::string plots_of(const Outcome& outcome) {
  if (outcome.experiment.kind == Kind::causes) return causes_plot(outcome);
  std::string plots;
  for (const std::string& column : outcome.experiment.columns) {
    const Measure& measure = *find_measure(column);
    plots += is_series(outcome) ? lines_of(outcome, measure) : bars_of(outcome, measure);
  }
  for (const RungOutcome& rung : outcome.rungs) plots += latency_over_time(rung);
  return plots;
}

}  // namespace plateau::app::lab
