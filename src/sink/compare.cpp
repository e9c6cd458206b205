#include "sink/compare.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sink/explain_page.h"
#include "sink/explain_tables.h"
#include "sink/html.h"
#include "sink/words.h"

namespace plateau::sink {
namespace {

using attribution::kStages;
using attribution::RouteStats;
using attribution::Stage;
using nlohmann::ordered_json;

constexpr double kSame = 0.02;  // relative change below which two figures count as the same
constexpr std::size_t kRoutes = 8;
constexpr double kWorthARow = 0.002;  // of the longer latency
constexpr double kInterval = 1.96;    // standard errors, 95 %

double mean_ns(const attribution::Summary& s) {
  return ratio(s.total.latency_ns, s.total.count);
}

double cpu_ns(const attribution::Summary& s) {
  return s.requests() > 0 ? s.facts.target_cpu_s * 1e9 / s.requests() : 0;
}

// "+32 %", "-4.1 %".
std::string change(double before, double after) {
  if (before <= 0) return after > 0 ? "new" : "0 %";
  const double by = after / before - 1;
  return (by < 0 ? "-" : "+") + format_percent(std::abs(by));
}

std::string verb(double before, double after) {
  if (std::abs(after - before) <= kSame * before) return "stayed at ";
  return after > before ? "rose from " : "fell from ";
}

std::string moved(const std::string& what, double before, double after, std::string (*text)(double)) {
  std::string line = what + " " + verb(before, after) + text(before);
  if (std::abs(after - before) > kSame * before) line += " to " + text(after);
  return line + " (" + change(before, after) + ")";
}

// Of the mean time of a request, with its 95 % interval.
struct StageChange {
  Stage stage = Stage::unattributed;
  double before_ns = 0, after_ns = 0, reach_ns = 0;
  double by() const { return after_ns - before_ns; }
};

std::vector<StageChange> stage_changes(const Explanation& before, const Explanation& after) {
  const auto a = before.summary.insight.profile.band(0, 1), b = after.summary.insight.profile.band(0, 1);
  std::vector<StageChange> list;
  for (std::size_t i = 0; i < kStages; i++) {
    if (a.mean_ns[i] + b.mean_ns[i] <= 0) continue;
    const double error =
        (a.requests > 0 ? a.variance[i] / a.requests : 0) + (b.requests > 0 ? b.variance[i] / b.requests : 0);
    list.push_back({static_cast<Stage>(i), a.mean_ns[i], b.mean_ns[i], kInterval * std::sqrt(error)});
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const auto& x, const auto& y) { return std::abs(x.by()) > std::abs(y.by()); });
  return list;
}

struct RoutePair {
  const RouteStats* before = nullptr;
  const RouteStats* after = nullptr;
  std::uint64_t count() const { return (before ? before->count : 0) + (after ? after->count : 0); }
};

std::vector<RoutePair> route_pairs(const Explanation& before, const Explanation& after) {
  std::vector<RoutePair> pairs;
  for (const auto& r : before.summary.routes) pairs.push_back({&r, nullptr});
  for (const auto& r : after.summary.routes) {
    const auto same = std::find_if(pairs.begin(), pairs.end(), [&](const RoutePair& p) {
      return p.before && p.before->method == r.method && p.before->route == r.route;
    });
    if (same == pairs.end())
      pairs.push_back({nullptr, &r});
    else
      same->after = &r;
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const RoutePair& x, const RoutePair& y) { return x.count() > y.count(); });
  return pairs;
}

std::string cause_of(const Explanation& e) {
  std::string text(model::name(e.verdict.cause()));
  for (const auto& c : e.verdict.ceilings)
    if (e.verdict.bound && c.resource == model::Resource::lock && !c.holder.empty() &&
        text.starts_with("lock_"))
      return text + " (held by " + c.holder + ")";
  return text;
}

std::string ns_text(double ns) {
  return duration_text(ns);
}

std::string words(const Explanation& before, const Explanation& after) {
  const auto &a = before.summary, &b = after.summary;
  if (a.total.count == 0 || b.total.count == 0)
    return "Nothing to compare: " + std::string(a.total.count == 0 ? "the first" : "the second") +
           " capture has no requests.\n";
  const auto quantile = [](const attribution::Summary& s, double p) {
    return static_cast<double>(s.total.latency.quantile(p));
  };
  std::string text = moved("Throughput", a.throughput(), b.throughput(), per_second) + "; " +
                     moved("p50", quantile(a, 0.5), quantile(b, 0.5), ns_text) + ", " +
                     moved("p99", quantile(a, 0.99), quantile(b, 0.99), ns_text) + ". ";
  if (cpu_ns(a) > 0 && cpu_ns(b) > 0)
    text += moved("CPU time a request", cpu_ns(a), cpu_ns(b), ns_text) + ". ";
  const auto stages = stage_changes(before, after);
  if (!stages.empty() && std::abs(stages[0].by()) > kSame * std::max(mean_ns(a), mean_ns(b)))
    text += "What changed most in a request is " + std::string(attribution::name(stages[0].stage)) + ": " +
            duration_text(stages[0].before_ns) + " before, " + duration_text(stages[0].after_ns) + " after. ";
  else
    text += "No stage of a request changed by more than 2 % of its time. ";
  const std::string was = cause_of(before), is = cause_of(after);
  text += was == is ? "What holds it up is the same: " + is + "."
                    : "What holds it up was " + was + ", and is " + is + " now.";
  return wrap(text);
}

std::string stage_table(const Explanation& before, const Explanation& after) {
  const double longer = std::max(mean_ns(before.summary), mean_ns(after.summary));
  std::string text =
      "A REQUEST, ON AVERAGE\n  STAGE             BEFORE      AFTER      CHANGE  95 % INTERVAL\n";
  const auto row = [](const std::string& name, double a, double b) {
    return format("  %-13s %10s %10s %11s", name.c_str(), duration_text(a).c_str(), duration_text(b).c_str(),
                  ((b < a ? "-" : "+") + duration_text(std::abs(b - a))).c_str());
  };
  for (const auto& c : stage_changes(before, after)) {
    if (std::max(c.before_ns, c.after_ns) < kWorthARow * longer) continue;
    text += row(std::string(attribution::name(c.stage)), c.before_ns, c.after_ns) + "  +-" +
            duration_text(c.reach_ns) + (std::abs(c.by()) <= c.reach_ns ? ", may be chance" : "") + "\n";
  }
  return text + row("latency", mean_ns(before.summary), mean_ns(after.summary)) + "\n";
}

std::string route_cells(const RouteStats* r) {
  if (!r) return format(" %9s %9s %9s", "-", "-", "-");
  return format(" %9s %9s %9s", format_count(r->count).c_str(),
                format_duration(r->latency.quantile(0.5)).c_str(),
                format_duration(r->latency.quantile(0.99)).c_str());
}

std::string route_table(const Explanation& before, const Explanation& after) {
  std::string text =
      "BY ROUTE                                 BEFORE: REQUESTS       p50       p99  AFTER: REQUESTS       "
      "p50     "
      "  p99\n";
  const auto pairs = route_pairs(before, after);
  for (std::size_t i = 0; i < pairs.size() && i < kRoutes; i++) {
    const RouteStats& r = pairs[i].before ? *pairs[i].before : *pairs[i].after;
    text += format("  %-6.10s %-38.38s", r.method.empty() ? "?" : r.method.c_str(), r.route.c_str()) + " " +
            route_cells(pairs[i].before) + "      " + route_cells(pairs[i].after) + "\n";
  }
  if (pairs.size() > kRoutes) text += format("  … and %zu more\n", pairs.size() - kRoutes);
  return text;
}

ordered_json figures(const Explanation& e) {
  const auto& s = e.summary;
  return {{"comm", s.facts.comm},
          {"requests", s.total.count},
          {"cause", model::name(e.verdict.cause())},
          {"throughput", s.throughput()},
          {"cpu_ns_per_request", cpu_ns(s)},
          {"cpu_idle", e.verdict.cpu_idle},
          {"mean_ns", mean_ns(s)},
          {"p50_ns", s.total.latency.quantile(0.5)},
          {"p90_ns", s.total.latency.quantile(0.9)},
          {"p99_ns", s.total.latency.quantile(0.99)},
          {"coverage", s.coverage.requests()}};
}

ordered_json route_json(const RouteStats* r) {
  if (!r) return {};
  return {
      {"requests", r->count}, {"p50_ns", r->latency.quantile(0.5)}, {"p99_ns", r->latency.quantile(0.99)}};
}

std::string bars(const char* name, const RouteStats& r, double scale) {
  const auto p50 = around(r.profile, 0.5), p99 = around(r.profile, 0.99);
  const auto row = [&](const char* what, const attribution::LatencyBand& band) {
    return std::string("<div class=\"row\"><span>") + what + "</span><span>" +
           html_text(duration_text(band.latency_ns)) + "</span>" + stage_bar(band.mean_ns, scale) +
           "</div>\n";
  };
  return "<h3>" + std::string(name) + "</h3>\n" + row("mean", r.profile.band(0, 1)) + row("p50", p50) +
         row("p99", p99);
}

}  // namespace

std::string compare_text(const Explanation& before, const Explanation& after) {
  std::string text = "BEFORE   " + headline(before.summary) + "AFTER    " + headline(after.summary) + "\n" +
                     words(before, after) + "\n";
  if (before.summary.total.count == 0 || after.summary.total.count == 0) return text;
  text += stage_table(before, after) + "\n" + route_table(before, after);
  for (const auto* e : {&before, &after})
    if (e->summary.coverage.requests() < 0.99)
      text += "\nCOVERAGE OF " + std::string(e == &before ? "THE FIRST" : "THE SECOND") + " IS ONLY " +
              format_percent(e->summary.coverage.requests()) + ": its figures speak of the rest\n";
  return text;
}

std::string compare_json(const Explanation& before, const Explanation& after) {
  ordered_json json{{"before", figures(before)}, {"after", figures(after)}};
  json["text"] = words(before, after);
  json["stages"] = ordered_json::array();
  for (const auto& c : stage_changes(before, after))
    json["stages"].push_back({{"stage", attribution::name(c.stage)},
                              {"before_ns", c.before_ns},
                              {"after_ns", c.after_ns},
                              {"change_ns", c.by()},
                              {"low_ns", c.by() - c.reach_ns},
                              {"high_ns", c.by() + c.reach_ns}});
  json["routes"] = ordered_json::array();
  for (const auto& p : route_pairs(before, after)) {
    const RouteStats& r = p.before ? *p.before : *p.after;
    json["routes"].push_back({{"method", r.method},
                              {"route", r.route},
                              {"before", route_json(p.before)},
                              {"after", route_json(p.after)}});
  }
  return json.dump(2, ' ', true, ordered_json::error_handler_t::replace) + "\n";
}

std::string compare_html(const Explanation& before, const Explanation& after) {
  const auto &a = before.summary.total, &b = after.summary.total;
  std::string page = page_head("plateau explain --compare") + "<h1>plateau explain: two captures</h1>\n" +
                     "<div class=\"verdict none\"><p>" + html_text(words(before, after)) + "</p></div>\n";
  if (a.count && b.count) {
    const double scale = std::max(around(a.profile, 0.99).latency_ns, around(b.profile, 0.99).latency_ns);
    page += section("Where the time goes",
                    stage_legend(a.stage_ns) + bars("Before", a, scale) + bars("After", b, scale),
                    "All requests, both to one scale.");
  }
  return page + section("In figures", preformatted(compare_text(before, after))) + page_foot();
}

}  // namespace plateau::sink
