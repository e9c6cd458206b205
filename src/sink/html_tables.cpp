#include <algorithm>
#include <cmath>

#include "sink/explain_page.h"
#include "sink/html.h"
#include "sink/slow_requests.h"
#include "sink/what_if.h"
#include "sink/words.h"

namespace plateau::sink {
namespace {

using attribution::LockStats;
using model::Outlook;
using model::Prediction;

constexpr std::size_t kLocks = 5, kHolders = 4, kFrames = 24;

std::string cell(const std::string& text, const char* style = "") {
  return (*style ? "<td class=\"" + std::string(style) + "\">" : "<td>") + html_text(text) + "</td>";
}

std::string head(std::initializer_list<std::pair<const char*, const char*>> cells) {
  std::string text = "<table>\n<tr>";
  for (const auto& [name, style] : cells)
    text += "<th class=\"" + std::string(style) + "\">" + html_text(name) + "</th>";
  return text + "</tr>\n";
}

std::string latency(const Prediction& p, double seconds) {
  return p.tells_latency ? duration_text(seconds * 1e9) : "-";
}

std::string prediction_row(const std::string& what, const Prediction& p) {
  return "<tr>" + cell(what) + cell(per_second(p.throughput.value), "n") +
         cell(per_second(p.throughput.low) + " to " + per_second(p.throughput.high), "n") +
         cell(latency(p, p.p50), "n") + cell(latency(p, p.p99), "n") +
         cell(p.bottleneck == "load" ? "nothing: the load" : p.bottleneck) + "</tr>\n";
}

std::string list_of(const std::string& title, const std::vector<std::string>& items) {
  if (items.empty()) return "";
  std::string text = "<p class=\"note\"><b>" + title + "</b> ";
  for (std::size_t i = 0; i < items.size(); i++) text += (i ? "; " : "") + html_text(items[i]);
  return text + "</p>\n";
}

std::string lock_html(const LockStats& lock, std::uint64_t span_ns) {
  std::string text =
      "<h3>" +
      html_text(format("Lock 0x%llx: %s waits, contended %s of the time",
                       static_cast<unsigned long long>(lock.futex), format_count(lock.waits).c_str(),
                       format_percent(std::min(1.0, ratio(lock.contended_ns, span_ns))).c_str()) +
                (lock.is_mutex() ? ", held " + format_duration(lock.service_ns) + " at a time" : "")) +
      "</h3>\n";
  std::uint64_t all = 0;
  for (const auto& holder : lock.holders) all += holder.samples;
  for (std::size_t i = 0; i < lock.holders.size() && i < kHolders; i++) {
    const auto& holder = lock.holders[i];
    text += "<details" + std::string(i ? "" : " open") + "><summary>held by <code>" +
            html_text(attribution::holder_function(holder)) + "</code>, " +
            html_text(format_percent(ratio(holder.samples, all)) + " of " + format_count(all) + " samples") +
            "</summary>\n";
    std::string frames;
    for (std::size_t f = 0; f < holder.frames.size() && f < kFrames; f++) frames += holder.frames[f] + "\n";
    text += preformatted(frames) + "</details>\n";
  }
  return text;
}

std::string difference_row(const model::StageDifference& d) {
  const std::string sign = d.difference_ns < 0 ? "-" : "+";
  return "<tr>" + cell(std::string(attribution::name(d.stage))) + cell(duration_text(d.slow_ns), "n") +
         cell(duration_text(d.ordinary_ns), "n") +
         cell(sign + duration_text(std::abs(d.difference_ns)), d.differs() ? "n up" : "n") +
         cell((d.low_ns < 0 ? "-" : "+") + duration_text(std::abs(d.low_ns)) + " to " +
                  (d.high_ns < 0 ? "-" : "+") + duration_text(std::abs(d.high_ns)),
              "n") +
         cell(d.differs() ? "" : "may be chance") + "</tr>\n";
}

std::string waterfall_html(const attribution::Example& example, double scale, const std::string& kind) {
  std::string bar = "<span class=\"bar\">";
  for (const auto& step : waterfall_of(example)) {
    if (static_cast<double>(step.ns) < 0.002 * scale) continue;
    const std::string name(attribution::name(step.stage));
    bar += format("<i class=\"s-%s\" style=\"width:%.2f%%\" title=\"%s, from %s on, %s\"></i>", name.c_str(),
                  100 * static_cast<double>(step.ns) / scale, name.c_str(),
                  format_duration(step.from_ns).c_str(), format_duration(step.ns).c_str());
  }
  return "<p class=\"facts\" style=\"margin:10px 0 0\">" + html_text(example_title(example)) +
         "</p>\n<div class=\"row\"><span>" + kind + "</span><span>" +
         html_text(format_duration(example.budget.latency_ns)) + "</span>" + bar + "</span></div>\n";
}

}  // namespace

std::string holders_html(const attribution::Summary& s) {
  std::string text;
  for (std::size_t i = 0; i < s.locks.size() && i < kLocks; i++)
    if (s.locks[i].owed_waits || s.locks[i].is_mutex()) text += lock_html(s.locks[i], s.loaded_ns());
  return text.empty() ? ""
                      : section("Who holds the locks", text,
                                "Stacks of the threads that passed a lock on, innermost frame first.");
}

std::string what_if_html(const Outlook& outlook) {
  if (outlook.reason) return section("What if", "<p>No prediction: " + html_text(*outlook.reason) + "</p>\n");
  std::string text = head({{"fix", ""},
                           {"throughput", "n"},
                           {"range", "n"},
                           {"p50", "n"},
                           {"p99", "n"},
                           {"then limited by", ""}});
  text += prediction_row("as it is", *outlook.today);
  std::vector<std::string> useless, unknown;
  for (const auto& outcome : outlook.outcomes) {
    if (!outcome.prediction) continue;
    if (helps(outcome, *outlook.today))
      text += prediction_row(outcome.what, *outcome.prediction);
    else
      useless.push_back(outcome.what);
  }
  for (const auto& u : outlook.unknowns) unknown.push_back(u.what + " (" + u.experiment + ")");
  text += "</table>\n" + list_of("No use:", useless) + list_of("Not known:", unknown);
  std::string note = "Predicted by a model of the server";
  if (outlook.throughput_error)
    note += ", which reproduces today's throughput within " + format_percent(*outlook.throughput_error);
  if (outlook.p50_error && outlook.today->tells_latency)
    note += " and its p50 within " + format_percent(*outlook.p50_error);
  note += ".";
  if (const std::string p50 = p50_note(outlook); !p50.empty()) note += " " + p50 + ".";
  if (outlook.probes > 0)
    note += " Plateau's own " + duration_text(outlook.probes * 1e9) + " of CPU a request is left out.";
  return section("What if", text, note);
}

std::string slow_requests_html(const Explanation& e) {
  if (!e.slow) return "";
  const auto& slow = *e.slow;
  std::string text = head({{"stage", ""},
                           {"slowest", "n"},
                           {"median", "n"},
                           {"difference", "n"},
                           {"95 % interval", "n"},
                           {"", ""}});
  for (const auto& d : slow.stages)
    if (std::abs(d.difference_ns) > 0.002 * slow.slow_ns) text += difference_row(d);
  text += "</table>\n";
  const auto& examples = e.summary.insight.examples;
  const auto slowest = examples.slowest();
  const double scale = slowest.empty() ? 1 : static_cast<double>(slowest.front().budget.latency_ns);
  text += "<h3>Examples</h3>\n";
  for (const auto& example : slowest) text += waterfall_html(example, scale, "slow");
  if (const auto typical = examples.nearest(static_cast<std::uint64_t>(slow.ordinary_ns)))
    text += waterfall_html(*typical, scale, "usual");
  return section("Slow requests", text,
                 "The slowest " + format_percent(slow.share) + " (" +
                     format_count(static_cast<std::uint64_t>(slow.slow + 0.5)) + " requests, " +
                     duration_text(slow.slow_ns) + " on average) against " +
                     format_count(static_cast<std::uint64_t>(slow.ordinary + 0.5)) + " around the median (" +
                     duration_text(slow.ordinary_ns) +
                     "). Intervals take requests as independent of each other.");
}

}  // namespace plateau::sink
