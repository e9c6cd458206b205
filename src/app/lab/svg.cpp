#include "app/lab/svg.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>

#include "app/lab/writers.h"

namespace plateau::app::lab {
namespace {

constexpr double kLetter = 7;
constexpr double kRound = 3;

[[gnu::format(printf, 1, 2)]] std::string printed(const char* format, ...) {
  std::array<char, 256> text;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text.data(), text.size(), format, arguments);
  va_end(arguments);
  return text.data();
}

}  // namespace

std::string series_class(std::size_t number) {
  return "s" + std::to_string(number % 4);
}

Svg::Svg(double width, double height, const std::string& title) {
  out_ = printed("<svg viewBox=\"0 0 %g %g\" width=\"%g\" role=\"img\" aria-label=\"", width, height, width) +
         html_text(title) + "\">\n";
  text(0, 16, "title", title);
}

void Svg::text(double x, double y, const std::string& classes, const std::string& text) {
  out_ +=
      printed("<text x=\"%.1f\" y=\"%.1f\" class=\"", x, y) + classes + "\">" + html_text(text) + "</text>\n";
}

void Svg::line(double x1, double y1, double x2, double y2, const std::string& classes) {
  out_ += printed("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"", x1, y1, x2, y2) +
          classes + "\"/>\n";
}

void Svg::bar(double x, double y, double width, double height, const std::string& classes,
              const std::string& words) {
  const double bend = std::min(kRound, width);
  out_ += printed("<path d=\"M%.1f %.1fh%.1fq%.1f 0 %.1f %.1fv%.1fq0 %.1f -%.1f %.1fh-%.1fz\" class=\"", x, y,
                  width - bend, bend, bend, bend, height - 2 * bend, bend, bend, bend, width - bend) +
          classes + "\"><title>" + html_text(words) + "</title></path>\n";
}

void Svg::dot(double x, double y, const std::string& classes, const std::string& words) {
  out_ += printed("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" class=\"", x, y) + classes + "\"><title>" +
          html_text(words) + "</title></circle>\n";
}

void Svg::path(const std::vector<std::pair<double, double>>& points, const std::string& classes) {
  out_ += "<polyline points=\"";
  for (const auto& [x, y] : points) out_ += printed("%.1f,%.1f ", x, y);
  out_ += "\" class=\"line " + classes + "\"/>\n";
}

void Svg::legend(double x, double y, const std::vector<LegendEntry>& entries) {
  if (entries.size() < 2) return;
  for (const LegendEntry& entry : entries) {
    out_ += printed("<rect x=\"%.1f\" y=\"%.1f\" width=\"10\" height=\"10\" rx=\"2\" class=\"", x, y - 9) +
            entry.classes + "\"/>\n";
    text(x + 15, y, "figure", entry.name);
    x += 35 + kLetter * static_cast<double>(entry.name.size());
  }
}

std::string Svg::done() {
  return out_ + "</svg>\n";
}

}  // namespace plateau::app::lab
