#include <algorithm>
#include <numeric>

#include "sink/explain_page.h"
#include "sink/html.h"
#include "sink/parks.h"
#include "sink/words.h"

namespace plateau::sink {
namespace {

using attribution::kStageMeaning;
using attribution::kStageNames;
using attribution::kStages;
using attribution::LatencyBand;
using attribution::RouteStats;

constexpr std::size_t kRoutes = 12;
constexpr double kVisible = 0.002;  // of a full bar

std::string row(const char* name, const LatencyBand& band, double scale) {
  return std::string("<div class=\"row\"><span>") + name + "</span><span>" +
         html_text(duration_text(band.latency_ns)) + "</span>" + stage_bar(band.mean_ns, scale) + "</div>\n";
}

std::string park_note(const RouteStats& route) {
  const std::string shares = park_shares(route.parked_ns);
  return shares.empty() ? "" : "<p class=\"note\">parked for: " + html_text(shares) + "</p>\n";
}

std::string route_bars(const RouteStats& route, const std::string& title) {
  if (route.profile.count() == 0) return "";
  const LatencyBand p99 = around(route.profile, 0.99), mean = route.profile.band(0, 1);
  const double scale = std::max(p99.latency_ns, mean.latency_ns);
  return "<h3>" + html_text(title) + "</h3>\n" + row("mean", mean, scale) +
         row("p50", around(route.profile, 0.5), scale) + row("p90", around(route.profile, 0.9), scale) +
         row("p99", p99, scale) + park_note(route);
}

}  // namespace

std::string stage_bar(const std::array<double, kStages>& ns, double scale) {
  std::string text = "<span class=\"bar\">";
  const double all = std::accumulate(ns.begin(), ns.end(), 0.0);
  for (std::size_t i = 0; i < kStages; i++) {
    if (scale <= 0 || ns[i] < kVisible * scale) continue;
    const std::string name(kStageNames[i]);
    text += format("<i class=\"s-%s\" style=\"width:%.2f%%\" title=\"%s %s, %s\"></i>", name.c_str(),
                   100 * ns[i] / scale, name.c_str(), duration_text(ns[i]).c_str(),
                   format_percent(ns[i] / all).c_str());
  }
  return text + "</span>";
}

std::string stage_legend(const std::array<std::uint64_t, kStages>& ns) {
  std::string text = "<div class=\"legend\">";
  const double all = static_cast<double>(std::accumulate(ns.begin(), ns.end(), std::uint64_t{0}));
  for (std::size_t i = 0; i < kStages; i++)
    if (static_cast<double>(ns[i]) >= kVisible * all && ns[i] > 0)
      text += "<span><i class=\"s-" + std::string(kStageNames[i]) + "\"></i>" + std::string(kStageNames[i]) +
              ": " + html_text(kStageMeaning[i]) + "</span>";
  return text + "</div>\n";
}

std::string budgets_html(const Explanation& e) {
  const auto& s = e.summary;
  if (s.total.profile.count() == 0) return "";
  std::string text = stage_legend(s.total.stage_ns) + route_bars(s.total, "All requests");
  std::size_t shown = 0;
  for (const RouteStats& r : s.routes) {
    if (s.routes.size() < 2 || shown == kRoutes) break;
    text += route_bars(
        r, (r.method.empty() ? "?" : r.method) + " " + r.route + ", " + format_count(r.count) + " requests");
    shown++;
  }
  if (s.routes.size() > kRoutes)
    text += "<p class=\"note\">and " + std::to_string(s.routes.size() - kRoutes) + " more routes</p>\n";
  return section(
      "Where the time goes", text,
      "By route and percentile: each bar is the mean budget of the requests around that percentile, "
      "drawn to the scale of the route's p99. Point at a piece for its name and length.");
}

}  // namespace plateau::sink
