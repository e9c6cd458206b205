#include "sink/slow_requests.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "sink/words.h"

namespace plateau::sink {
namespace {

using attribution::Example;
using attribution::kStages;
using attribution::Stage;
using model::SlowRequests;
using nlohmann::ordered_json;

constexpr std::size_t kStagesShown = 4, kExamplesShown = 2, kStepsShown = 5;
constexpr double kWorthSaying = 0.02;  // of the slow requests' latency

std::string signed_duration(double ns) {
  return (ns < 0 ? "-" : "+") + duration_text(ns < 0 ? -ns : ns);
}

std::string stage_line(const model::StageDifference& d) {
  return format("  %-13s %10s against %10s: %11s (95 %% interval %s to %s)%s\n",
                std::string(attribution::name(d.stage)).c_str(), duration_text(d.slow_ns).c_str(),
                duration_text(d.ordinary_ns).c_str(), signed_duration(d.difference_ns).c_str(),
                signed_duration(d.low_ns).c_str(), signed_duration(d.high_ns).c_str(),
                d.differs() ? "" : ", may be chance");
}

// Which route is over-represented among them, where one is.
std::string route_line(const SlowRequests& slow) {
  for (const auto& r : slow.routes)
    if (slow.routes.size() > 1 && r.of_slow >= 0.2 && r.of_slow >= 1.5 * r.of_all)
      return format("  %.20s %.60s is %s of them and %s of all requests\n", r.method.c_str(), r.route.c_str(),
                    format_percent(r.of_slow).c_str(), format_percent(r.of_all).c_str());
  return "";
}

std::string printable(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return text;
}

std::string example_line(const Example& e) {
  std::string text = "  " + duration_text(static_cast<double>(e.budget.latency_ns)) + "  " +
                     printable(example_title(e)) + "\n    ";
  auto steps = waterfall_of(e);
  std::stable_sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.ns > b.ns; });
  if (steps.size() > kStepsShown) steps.resize(kStepsShown);
  std::stable_sort(steps.begin(), steps.end(),
                   [](const auto& a, const auto& b) { return a.from_ns < b.from_ns; });
  for (std::size_t i = 0; i < steps.size(); i++)
    text += (i ? " -> " : "") + std::string(attribution::name(steps[i].stage)) + " " +
            format_duration(steps[i].ns);
  return text + "\n";
}

// Where in a request's life a stage lies: before it is received, until it sends, while it sends.
std::size_t stretch_of(Stage stage) {
  switch (stage) {
    case Stage::accept_wait:
    case Stage::wakeup:
    case Stage::busy_loop:
    case Stage::copy_in:
      return 0;
    case Stage::copy_out:
    case Stage::tcp_send:
    case Stage::send_wait:
      return 2;
    default:
      return 1;
  }
}

}  // namespace

std::vector<WaterfallStep> waterfall_of(const Example& example) {
  std::vector<WaterfallStep> steps;
  std::uint64_t at = 0;
  for (std::size_t stretch = 0; stretch < 3; stretch++)
    for (std::size_t i = 0; i < kStages; i++) {
      const std::uint64_t ns = example.budget.ns[i];
      if (ns == 0 || stretch_of(static_cast<Stage>(i)) != stretch) continue;
      steps.push_back({static_cast<Stage>(i), at, ns});
      at += ns;
    }
  return steps;
}

ordered_json example_json(const Example& e) {
  ordered_json json{{"method", e.method},
                    {"path", e.path},
                    {"status", e.status},
                    {"conn", e.conn},
                    {"seq", e.seq},
                    {"reader_tid", e.reader_tid},
                    {"writer_tid", e.writer_tid},
                    {"ready_ns", e.ready_ns},
                    {"latency_ns", e.budget.latency_ns},
                    {"bytes_out", e.bytes_out},
                    {"retransmits", e.retransmits}};
  json["waterfall"] = ordered_json::array();
  for (const auto& step : waterfall_of(e))
    json["waterfall"].push_back(
        {{"stage", attribution::name(step.stage)}, {"from_ns", step.from_ns}, {"ns", step.ns}});
  return json;
}

std::string example_title(const Example& e) {
  return (e.method.empty() ? "?" : e.method) + " " + (e.path.empty() ? "?" : e.path) + " " +
         (e.status ? std::to_string(e.status) : "no status") + ", request " + std::to_string(e.seq) +
         " of connection " + std::to_string(e.conn);
}

std::string slow_requests_text(const Explanation& explanation) {
  if (!explanation.slow) return "";
  const SlowRequests& slow = *explanation.slow;
  std::string text = format(
      "SLOW REQUESTS (the slowest %s: %s of them, %s on average, against %s around the median, %s)\n",
      format_percent(slow.share).c_str(), format_count(static_cast<std::uint64_t>(slow.slow + 0.5)).c_str(),
      duration_text(slow.slow_ns).c_str(),
      format_count(static_cast<std::uint64_t>(slow.ordinary + 0.5)).c_str(),
      duration_text(slow.ordinary_ns).c_str());
  std::size_t shown = 0;
  for (const auto& d : slow.stages)
    if (shown < kStagesShown && d.difference_ns >= kWorthSaying * slow.slow_ns) {
      text += stage_line(d);
      shown++;
    }
  if (shown == 0) text += "  no stage is much longer in them: they are like the others\n";
  text += route_line(slow);
  const auto examples = explanation.summary.insight.examples.slowest();
  for (std::size_t i = 0; i < examples.size() && i < kExamplesShown; i++) text += example_line(examples[i]);
  return text;
}

ordered_json slow_requests_json(const Explanation& explanation) {
  if (!explanation.slow) return {};
  const SlowRequests& slow = *explanation.slow;
  ordered_json json{{"share", slow.share},
                    {"slow_requests", slow.slow},
                    {"ordinary_requests", slow.ordinary},
                    {"slow_latency_ns", slow.slow_ns},
                    {"ordinary_latency_ns", slow.ordinary_ns}};
  json["stages"] = ordered_json::array();
  for (const auto& d : slow.stages)
    json["stages"].push_back({{"stage", attribution::name(d.stage)},
                              {"slow_ns", d.slow_ns},
                              {"ordinary_ns", d.ordinary_ns},
                              {"difference_ns", d.difference_ns},
                              {"low_ns", d.low_ns},
                              {"high_ns", d.high_ns},
                              {"differs", d.differs()}});
  json["routes"] = ordered_json::array();
  for (const auto& r : slow.routes)
    if (r.of_slow > 0)
      json["routes"].push_back(
          {{"method", r.method}, {"route", r.route}, {"of_slow", r.of_slow}, {"of_all", r.of_all}});
  const auto& examples = explanation.summary.insight.examples;
  json["examples"] = ordered_json::array();
  for (const auto& e : examples.slowest()) json["examples"].push_back(example_json(e));
  const auto typical = examples.nearest(static_cast<std::uint64_t>(slow.ordinary_ns));
  json["ordinary_example"] = typical ? example_json(*typical) : ordered_json();
  return json;
}

}  // namespace plateau::sink
