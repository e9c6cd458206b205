#include <algorithm>
#include <cmath>

#include "sink/explain_page.h"
#include "sink/html.h"
#include "sink/plot.h"
#include "sink/words.h"

namespace plateau::sink {
namespace {

using attribution::kStageNames;
using attribution::kStages;
using attribution::TimeSeries;

std::string rate_tick(double v) {
  return v >= 10'000 ? format("%gk", v / 1000) : format("%g", v);
}

std::string time_tick(double ns) {
  return ns <= 0     ? "0"
         : ns >= 1e9 ? format("%g s", ns / 1e9)
         : ns >= 1e6 ? format("%g ms", ns / 1e6)
                     : format("%g us", ns / 1e3);
}

Axis seconds_axis(const TimeSeries& series) {
  const double most = static_cast<double>(series.slots().size() * series.width_ns()) / 1e9;
  return {0, most, false, "seconds since the first answer", [](double v) { return format("%.3g", v); }};
}

double middle(const TimeSeries& series, std::size_t slot) {
  return (static_cast<double>(slot) + 0.5) * static_cast<double>(series.width_ns()) / 1e9;
}

std::string throughput_chart(const TimeSeries& series) {
  Points points;
  double most = 0;
  for (std::size_t i = 0; i < series.slots().size(); i++) {
    if (2 * series.slots()[i].paused_ns > series.width_ns()) continue;
    points.emplace_back(middle(series, i), series.throughput(i));
    most = std::max(most, points.back().second);
  }
  Plot plot("Throughput, requests/s", seconds_axis(series), {0, round_up(most), false, "", rate_tick});
  plot.line(points, "a");
  return plot.done();
}

std::string latency_chart(const TimeSeries& series) {
  Points p50, p99;
  double most = 0;
  for (std::size_t i = 0; i < series.slots().size(); i++) {
    const auto& latency = series.slots()[i].latency;
    if (latency.count() == 0) continue;
    p50.emplace_back(middle(series, i), static_cast<double>(latency.quantile(0.5)));
    p99.emplace_back(middle(series, i), static_cast<double>(latency.quantile(0.99)));
    most = std::max(most, p99.back().second);
  }
  Plot plot("Latency", seconds_axis(series), {0, round_up(most), false, "", time_tick});
  plot.line(p99, "b", "p99");
  plot.line(p50, "a", "p50");
  return plot.done();
}

std::string stages_chart(const TimeSeries& series) {
  Plot plot(
      "Mean budget of a request, by stage", seconds_axis(series),
      [&] {
        double most = 0;
        for (const auto& slot : series.slots())
          if (slot.count)
            most =
                std::max(most, static_cast<double>(slot.latency.sum_ns()) / static_cast<double>(slot.count));
        return Axis{0, round_up(most), false, "", time_tick};
      }(),
      1060, 260);
  Points low;
  for (std::size_t i = 0; i < series.slots().size(); i++)
    if (series.slots()[i].count) low.emplace_back(middle(series, i), 0);
  for (std::size_t stage = 0; stage < kStages; stage++) {
    Points high;
    bool any = false;
    std::size_t at = 0;
    for (const auto& slot : series.slots()) {
      if (slot.count == 0) continue;
      const double mean = static_cast<double>(slot.stage_ns[stage]) / static_cast<double>(slot.count);
      high.emplace_back(low[at].first, low[at].second + mean);
      any |= mean > 0;
      at++;
    }
    if (any) plot.area(low, high, "s-" + std::string(kStageNames[stage]), kStageNames[stage]);
    low = std::move(high);
  }
  return plot.done();
}

Axis customers_axis(const model::LoadCurve& curve) {
  return {1, std::max(2.0, static_cast<double>(curve.points.back().customers)), true,
          "requests inside the server (busy connections)", [](double v) { return format("%g", v); }};
}

double of_today(const model::LoadCurve& curve, double model::CurvePoint::*figure) {
  for (const auto& p : curve.points)
    if (p.customers == curve.today) return p.*figure;
  return 0;
}

std::string ceiling_chart(const Explanation& e) {
  const auto& curve = e.outlook.curve;
  Points points;
  double most = e.verdict.throughput;
  for (const auto& p : curve.points) {
    points.emplace_back(p.customers, p.throughput);
    most = std::max(most, p.throughput);
  }
  Plot plot("Throughput, requests/s", customers_axis(curve),
            {0, round_up(most * 1.12), false, "", rate_tick});
  if (curve.ceiling > 0) plot.level(curve.ceiling, "b", "ceiling " + per_second(curve.ceiling));
  plot.line(points, "a");
  for (const auto& p : curve.points)
    plot.dot(p.customers, p.throughput, "a", std::to_string(p.customers) + ": " + per_second(p.throughput));
  plot.dot(curve.today, e.verdict.throughput, "today",
           "today: " + std::to_string(curve.today) + " requests inside, " + per_second(e.verdict.throughput));
  return plot.done();
}

std::string response_chart(const Explanation& e) {
  const auto& curve = e.outlook.curve;
  Points p50, p99;
  double least = 1e300, most = 0;
  for (const auto& p : curve.points) {
    p50.emplace_back(p.customers, p.p50 * 1e9);
    p99.emplace_back(p.customers, p.p99 * 1e9);
    least = std::min(least, p.p50 * 1e9);
    most = std::max(most, p.p99 * 1e9);
  }
  least = std::pow(10, std::floor(std::log10(std::max(1.0, least))));
  Plot plot("Latency", customers_axis(curve), {least, std::max(most * 1.2, 2 * least), true, "", time_tick});
  plot.line(p99, "b", "p99");
  plot.line(p50, "a", "p50");
  const double seen = static_cast<double>(e.summary.total.latency.quantile(0.5));
  if (of_today(curve, &model::CurvePoint::p50) > 0)
    plot.dot(curve.today, seen, "today", "today: p50 " + duration_text(seen));
  return plot.done();
}

}  // namespace

std::string timeline_html(const TimeSeries& series) {
  if (series.slots().size() < 3) return "";
  return section("Over time",
                 "<div class=\"charts\">" + throughput_chart(series) + latency_chart(series) +
                     "</div>\n<br>" + stages_chart(series),
                 "Requests by the moment of their last byte, in slots of " +
                     duration_text(static_cast<double>(series.width_ns())) + ".");
}

std::string curve_html(const Explanation& e) {
  if (e.outlook.curve.points.size() < 3) return "";
  return section(
      "How far to the ceiling", "<div class=\"charts\">" + ceiling_chart(e) + response_chart(e) + "</div>\n",
      "From the model, for other numbers of requests inside; the large dot is what was measured today.");
}

}  // namespace plateau::sink
