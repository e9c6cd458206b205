#include <algorithm>

#include "sink/explain.h"
#include "sink/explain_tables.h"
#include "sink/parks.h"
#include "sink/slow_requests.h"
#include "sink/top/parts.h"
#include "sink/words.h"

namespace plateau::sink::top {
namespace {

using attribution::RecentRequest;
using attribution::RouteStats;

constexpr std::size_t kNumber = 9, kMethod = 7, kShortestBar = 12;

double rate(const RouteStats& route, const LiveView& view) {
  const auto ns = view.window.interval_ns;
  return ns ? static_cast<double>(route.count) * 1e9 / static_cast<double>(ns) : 0;
}

std::string who(const LiveView& view) {
  const auto& facts = view.now->summary.facts;
  std::string text = facts.comm.empty() ? "capture" : facts.comm;
  if (!facts.pids.empty()) text += " (PID " + std::to_string(facts.pids.front()) + ")";
  if (!facts.listening.empty()) text += " on " + facts.listening.front();
  return text;
}

std::string figures(const LiveView& view) {
  const auto& w = view.window;
  if (w.total.count == 0) return "no request in this time";
  return per_second(w.throughput()) + "  p50 " + format_duration(w.total.latency.quantile(0.5)) + "  p99 " +
         format_duration(w.total.latency.quantile(0.99)) + "  max " +
         format_duration(w.total.latency.max_ns()) + "  " + format("%.1f", w.concurrency()) + " inside";
}

std::string cost(const LiveView& view) {
  const auto& facts = view.now->summary.facts;
  const double seconds = static_cast<double>(facts.end_ns - facts.start_ns) / 1e9;
  if (!facts.complete || seconds <= 0) return "own cost not known";
  std::string text = "agent " + format_percent(facts.cost.agent_cpu_s / seconds) + " CPU";
  if (facts.cost.window_requests)
    text += ", probes " + format_duration(facts.cost.window_run_ns / facts.cost.window_requests) + "/req";
  return text;
}

std::string seen(const LiveView& view) {
  const auto& s = view.now->summary;
  std::uint64_t lost = 0;
  for (const auto& loss : s.coverage.losses) lost += loss.count;
  return "coverage " + format_percent(s.coverage.requests()) + " of " + format_count(s.coverage.seen) +
         ", lost " + (lost ? format_count(lost) : "nothing") +
         (s.watched() < 1 ? ", watched " + format_percent(s.watched()) : "");
}

std::string marked(std::string name, bool mark) {
  return mark ? name + "v" : name;
}

std::size_t bar_width(std::size_t columns) {
  return std::max(kShortestBar, columns * 3 / 10);
}

Line with_bar(std::string before, const Line& bar, bool picked) {
  Line line{{(picked ? ">" : " ") + before + " ", picked ? Paint::picked : Paint::plain}};
  line.insert(line.end(), bar.begin(), bar.end());
  return line;
}

std::string method_of(const std::string& method) {
  return left(method.empty() ? "?" : method, kMethod);
}

void add_parks(std::vector<Line>& text, const attribution::Parks& parks) {
  const std::string shares = park_shares(parks);
  if (!shares.empty()) text.push_back({{"  parked for: " + shares}});
}

// The part of a list that fits, with what is picked in it.
std::pair<std::size_t, std::size_t> part(std::size_t all, std::size_t picked, std::size_t room) {
  if (all <= room) return {0, all};
  const std::size_t from = picked < room ? 0 : picked - room + 1;
  return {from, std::min(all, from + room)};
}

}  // namespace

std::vector<Line> header(const LiveView& view, const State& state, Size size) {
  const auto& facts = view.now->summary.facts;
  std::string since = "attached " + format_duration(facts.end_ns - facts.start_ns);
  if (state.paused) since = "PAUSED, " + since;
  const std::size_t room = size.columns > since.size() + 1 ? size.columns - since.size() - 1 : 0;
  std::vector<Line> text;
  text.push_back({{left("plateau top: " + who(view), room) + " ", Paint::bold}, {since, Paint::faint}});
  text.push_back({{figures(view), Paint::bold},
                  {"  (last " + format_duration(view.window.facts.end_ns - view.window.facts.start_ns) + ")",
                   Paint::faint}});
  text.push_back({{seen(view) + "; " + cost(view)}});
  const Paint paint = view.verdict.bound ? Paint::warm : Paint::plain;
  for (const auto& line : broken(verdict_text(view.window, view.verdict), size.columns, size.rows ? 3 : 8))
    text.push_back({{line, paint}});
  text.emplace_back();
  return text;
}

std::vector<Line> route_screen(const LiveView& view, const State& state, Size size) {
  const std::size_t bar = bar_width(size.columns), fixed = 1 + kMethod + 3 * kNumber + 2 + bar;
  const std::size_t name = size.columns > fixed + 8 ? size.columns - fixed - 1 : 8;
  std::vector<Line> text;
  text.push_back({{" " + left("METHOD", kMethod) + left(marked("ROUTE", state.sort == Sort::name), name) +
                       right(marked("REQ/S", state.sort == Sort::rate), kNumber) +
                       right(marked("P50", state.sort == Sort::p50), kNumber) +
                       right(marked("P99", state.sort == Sort::p99), kNumber) + "  " +
                       left(marked("WHERE ITS TIME GOES", state.sort == Sort::time), bar),
                   Paint::faint}});
  const auto routes = routes_shown(view, state);
  auto keys = legend(view.window.total.stage_ns, size.columns);
  add_parks(keys, view.window.total.parked_ns);
  const std::size_t rows = size.rows ? size.rows : routes.size() + keys.size() + 2;
  const std::size_t taken = 2 + keys.size();
  const auto [from, to] = part(routes.size(), state.route, rows > taken ? rows - taken : 1);
  for (std::size_t i = from; i < to; i++) {
    const RouteStats& r = *routes[i];
    text.push_back(with_bar(method_of(r.method) + left(r.route, name) +
                                right(per_second(rate(r, view)), kNumber) +
                                right(format_duration(r.latency.quantile(0.5)), kNumber) +
                                right(format_duration(r.latency.quantile(0.99)), kNumber) + " ",
                            stage_bar(r.stage_ns, r.latency_ns, bar), size.rows && i == state.route));
  }
  if (routes.empty())
    text.push_back(
        {{view.window.routes.empty() ? " no request in this time" : " no route matches the filter"}});
  text.emplace_back();
  text.insert(text.end(), keys.begin(), keys.end());
  return text;
}

std::vector<Line> request_list(const LiveView& view, const State& state, Size size) {
  const auto routes = routes_shown(view, state);
  const auto requests = requests_shown(view, state);
  const std::size_t bar = bar_width(size.columns), fixed = 1 + kMethod + 2 * kNumber + 7 + 2 + bar;
  const std::size_t path = size.columns > fixed + 8 ? size.columns - fixed - 1 : 8;
  std::vector<Line> text;
  const std::string route =
      routes.empty() ? "" : routes[state.route]->method + " " + routes[state.route]->route;
  text.push_back({{"Slowest requests of the last minute: " + printable(route), Paint::bold}});
  text.push_back({{" " + left("METHOD", kMethod) + left("PATH", path) + right("STATUS", 7) +
                       right("AGO", kNumber) + right("LATENCY", kNumber) + "  WHERE ITS TIME WENT",
                   Paint::faint}});
  const std::uint64_t scale = requests.empty() ? 0 : requests.front()->example.budget.latency_ns;
  const std::size_t rows = size.rows ? size.rows : requests.size() + 3;
  const auto [from, to] = part(requests.size(), state.request, rows > 3 ? rows - 3 : 1);
  for (std::size_t i = from; i < to; i++) {
    const auto& e = requests[i]->example;
    const std::uint64_t now = view.now->summary.facts.end_ns;
    text.push_back(with_bar(method_of(e.method) + left(e.path.empty() ? "?" : e.path, path) +
                                right(e.status ? std::to_string(e.status) : "none", 7) +
                                right(format_duration(now > e.end_ns ? now - e.end_ns : 0), kNumber) +
                                right(format_duration(e.budget.latency_ns), kNumber) + " ",
                            stage_bar(e.budget.ns, scale, bar), i == state.request));
  }
  if (requests.empty()) text.push_back({{" none of the slowest of all routes is of this one"}});
  return text;
}

std::vector<Line> request_screen(const LiveView& view, const State& state, Size size) {
  const auto requests = requests_shown(view, state);
  if (state.request >= requests.size()) return {{{"The request has gone: Escape goes back"}}};
  const auto& e = requests[state.request]->example;
  std::vector<Line> text;
  text.push_back({{printable(example_title(e)), Paint::bold}});
  text.push_back(
      {{format_duration(e.budget.latency_ns) + ", " + format_bytes(e.bytes_out) + " sent, thread " +
        std::to_string(e.writer_tid) +
        (e.reader_tid && e.reader_tid != e.writer_tid ? ", read by " + std::to_string(e.reader_tid) : "") +
        (e.retransmits ? ", " + std::to_string(e.retransmits) + " retransmits" : "")}});
  text.emplace_back();
  const std::size_t width = size.columns > 60 ? size.columns - 36 : 24;
  const double scale =
      e.budget.latency_ns ? static_cast<double>(width) / static_cast<double>(e.budget.latency_ns) : 0;
  for (const auto& step : waterfall_of(e)) {
    const auto from =
        std::min(width - 1, static_cast<std::size_t>(static_cast<double>(step.from_ns) * scale));
    const auto length = std::clamp<std::size_t>(
        static_cast<std::size_t>(static_cast<double>(step.ns) * scale + 0.5), 1, width - from);
    text.push_back(
        {{"  " + left(attribution::name(step.stage), 13) + right(format_duration(step.ns), kNumber) +
          right(format_percent(ratio(step.ns, e.budget.latency_ns)), 8) + "  " + std::string(from, ' ')},
         {std::string(length, letter(step.stage)), Paint::stage, step.stage}});
  }
  add_parks(text, e.budget.parked);
  return text;
}

std::vector<Line> help_screen() {
  std::vector<Line> text;
  text.push_back({{"Keys", Paint::bold}});
  for (const char* line :
       {"  up, down, j, k   pick a route or a request (page up, page down: by ten)",
        "  enter            the route's slowest requests, then one request's budget",
        "  escape           back", "  s                sort by rate, p50, p99, time in all, name",
        "  /                show only routes that contain what is typed",
        "  e                event loops: what they wait, and what they do else",
        "  d                servers that it asks: calls, and how long answers take",
        "  p or space       pause, go on          q  leave", ""})
    text.push_back({{line}});
  text.push_back({{"Letters of the bars", Paint::bold}});
  for (std::size_t i = 0; i < attribution::kStages; i += 3) {
    Line line;
    for (std::size_t k = i; k < i + 3 && k < attribution::kStages; k++) {
      const auto stage = static_cast<attribution::Stage>(k);
      line.push_back({"  "});
      line.push_back({std::string(1, letter(stage)), Paint::stage, stage});
      line.push_back({" " + left(attribution::kStageNames[k], 20)});
    }
    text.push_back(std::move(line));
  }
  return text;
}

}  // namespace plateau::sink::top
