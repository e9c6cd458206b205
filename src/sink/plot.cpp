#include "sink/plot.h"

#include <algorithm>
#include <cmath>

#include "sink/html.h"
#include "sink/words.h"

namespace plateau::sink {

double round_up(double most) {
  if (!(most > 0) || !std::isfinite(most)) return 1;
  const double power = std::pow(10, std::floor(std::log10(most)));
  for (const double step : {1.0, 2.0, 4.0, 5.0, 8.0})
    if (most <= power * step) return power * step;
  return power * 10;
}

namespace {

constexpr double kLeft = 62, kRight = 14, kTop = 44, kBottom = 36;
constexpr int kTicks = 4;

double place(const Axis& axis, double value) {
  const double v = std::clamp(value, axis.least, axis.most);
  if (axis.logarithmic) return std::log(v / axis.least) / std::log(axis.most / axis.least);
  return (v - axis.least) / (axis.most - axis.least);
}

std::vector<double> ticks_of(const Axis& axis) {
  std::vector<double> ticks;
  if (!axis.logarithmic) {
    const double step = round_up((axis.most - axis.least) / (kTicks + 1));
    for (int i = 0; axis.least + i * step <= axis.most * 1.0001; i++) ticks.push_back(axis.least + i * step);
    return ticks;
  }
  const bool few = axis.most / axis.least < 200;
  for (double power = std::pow(10, std::floor(std::log10(axis.least))); power <= axis.most; power *= 10)
    for (const double step : {1.0, 2.0, 5.0})
      if (const double v = power * step; v >= axis.least && v <= axis.most && (step == 1.0 || few))
        ticks.push_back(v);
  return ticks;
}

std::string joined(const Points& points) {
  std::string text;
  for (const auto& [x, y] : points) text += format("%.1f,%.1f ", x, y);
  return text;
}

}  // namespace

Plot::Plot(std::string_view title, Axis x, Axis y, double width, double height)
    : x_(std::move(x)), y_(std::move(y)), width_(width), height_(height), legend_x_(kLeft) {
  if (!(x_.most > x_.least)) x_.most = x_.least + 1;
  if (!(y_.most > y_.least)) y_.most = y_.least + 1;
  out_ = format("<svg viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"", width, height) + html_text(title) +
         "\">\n";
  text(12, 18, "title", title, "start");
  grid();
}

double Plot::x_of(double value) const {
  return kLeft + place(x_, value) * (width_ - kLeft - kRight);
}

double Plot::y_of(double value) const {
  return height_ - kBottom - place(y_, value) * (height_ - kTop - kBottom);
}

void Plot::text(double x, double y, std::string_view style, std::string_view words, const char* anchor) {
  out_ += format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"", x, y, anchor) +
          std::string(style) + "\">" + html_text(words) + "</text>\n";
}

void Plot::grid() {
  for (const double v : ticks_of(y_)) {
    const double y = y_of(v);
    out_ += format("<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", kLeft, y,
                   width_ - kRight, y);
    text(kLeft - 7, y + 4, "", y_.tick ? y_.tick(v) : format("%g", v), "end");
  }
  for (const double v : ticks_of(x_))
    text(x_of(v), height_ - kBottom + 16, "", x_.tick ? x_.tick(v) : format("%g", v), "middle");
  text((kLeft + width_ - kRight) / 2, height_ - 5, "", x_.label, "middle");
}

void Plot::line(const Points& points, std::string_view style, std::string_view name) {
  Points placed;
  for (const auto& [x, y] : points) placed.emplace_back(x_of(x), y_of(y));
  out_ += "<polyline class=\"line " + std::string(style) + "\" points=\"" + joined(placed) + "\"/>\n";
  if (name.empty()) return;
  text(legend_x_, 35, style, "\xE2\x80\x94 " + std::string(name), "start");
  legend_x_ += 34 + 6.2 * static_cast<double>(name.size());
}

void Plot::area(const Points& low, const Points& high, std::string_view style, std::string_view name) {
  Points placed;
  for (const auto& [x, y] : high) placed.emplace_back(x_of(x), y_of(y));
  for (auto p = low.rbegin(); p != low.rend(); ++p) placed.emplace_back(x_of(p->first), y_of(p->second));
  out_ += "<polygon class=\"" + std::string(style) + "\" points=\"" + joined(placed) + "\"><title>" +
          html_text(name) + "</title></polygon>\n";
}

void Plot::dot(double x, double y, std::string_view style, std::string_view words) {
  const bool big = style == "today";
  out_ += format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%s\" class=\"", x_of(x), y_of(y), big ? "6.5" : "3") +
          (big ? "" : "dot ") + std::string(style) + "\"><title>" + html_text(words) + "</title></circle>\n";
}

void Plot::level(double y, std::string_view style, std::string_view name) {
  if (y > y_.most) return;
  out_ += format("<line class=\"line dash %s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
                 std::string(style).c_str(), kLeft, y_of(y), width_ - kRight, y_of(y));
  text(kLeft + 6, y_of(y) - 6, style, name, "start");
}

}  // namespace plateau::sink
