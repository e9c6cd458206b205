#include "app/lab/measure.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/units.h"

namespace plateau::app::lab {
namespace {

using Value = std::optional<double>;

constexpr double kMs = 1e6;

Value none(const Said&) {
  return std::nullopt;
}

Value cpu_us(const Figures& f) {
  if (f.load.answered == 0) return std::nullopt;
  return static_cast<double>(f.process.cpu_ns) / static_cast<double>(f.load.answered) / 1e3;
}

Value cores(const Figures& f) {
  if (f.process.seconds <= 0) return std::nullopt;
  return static_cast<double>(f.process.cpu_ns) / 1e9 / f.process.seconds;
}

Value scaled(Value value, double factor) {
  return value ? Value(*value * factor) : std::nullopt;
}

Value nothing(const Figures&) {
  return std::nullopt;
}

double stage_of(const Said& said, const char* name) {
  const auto found = said.stage_ns.find(name);
  return found != said.stage_ns.end() ? found->second : 0;
}

// From being readable to being taken up, whatever the loop does meanwhile.
double queued_ns(const Said& said) {
  return stage_of(said, "accept_wait") + stage_of(said, "wakeup") + stage_of(said, "busy_loop");
}

Value queued_us(const Said& said) {
  return said.requests > 0 ? Value(queued_ns(said) / 1e3) : std::nullopt;
}

Value queued_percent(const Said& said) {
  double sum = 0;
  for (const auto& [name, ns] : said.stage_ns) sum += ns;
  return sum > 0 ? Value(queued_ns(said) / sum * 100) : std::nullopt;
}

constexpr std::array kMeasures = {
    Measure{"throughput", "requests/s", 0, [](const Figures& f) { return Value(f.load.per_second); },
            [](const Said& s) { return Value(s.per_second); }},
    Measure{"p50_ms", "p50 ms", 2, [](const Figures& f) { return Value(f.load.p50_ns / kMs); },
            [](const Said& s) { return Value(s.p50_ns / kMs); }},
    Measure{"p99_ms", "p99 ms", 2, [](const Figures& f) { return Value(f.load.p99_ns / kMs); },
            [](const Said& s) { return Value(s.p99_ns / kMs); }},
    Measure{"p999_ms", "p99.9 ms", 2, [](const Figures& f) { return Value(f.load.p999_ns / kMs); },
            [](const Said& s) { return Value(s.p999_ns / kMs); }},
    Measure{"max_ms", "max ms", 2, [](const Figures& f) { return Value(f.load.max_ns / kMs); },
            [](const Said& s) { return Value(s.max_ns / kMs); }},
    Measure{"errors", "errors", 0, [](const Figures& f) { return Value(static_cast<double>(f.load.errors)); },
            none},
    Measure{"cpu_us", "server CPU us/request", 1, cpu_us, none},
    Measure{"cores", "server CPU, cores", 2, cores, none},
    Measure{"idle_percent", "CPUs idle %", 0,
            [](const Figures& f) { return Value(f.machine.idle_share * 100); },
            [](const Said& s) { return Value(s.cpu_idle * 100); }},
    Measure{"free_percent", "CPUs not used %", 0,
            [](const Figures& f) { return Value(f.machine.free_share * 100); }, none},
    Measure{"rss_mib", "resident MiB", 1,
            [](const Figures& f) { return Value(static_cast<double>(f.process.rss_bytes) / 1048576.0); },
            none},
    Measure{"threads", "threads", 0,
            [](const Figures& f) { return Value(static_cast<double>(f.process.threads)); }, none},
    Measure{"blocked_percent", "threads asleep %", 1,
            [](const Figures& f) { return scaled(f.process.blocked_share, 100); }, none},
    Measure{"wait_us", "mean sleep us", 1, [](const Figures& f) { return scaled(f.process.sleep_ns, 1e-3); },
            none},
    Measure{"queued_us", "readable until taken up, us", 0, nothing, queued_us},
    Measure{"queued_percent", "the same, % of the latency", 0, nothing, queued_percent},
    Measure{"pause_ms", "pause ms", 1,
            [](const Figures& f) { return f.pauses ? Value(f.pauses->length_ns / kMs) : std::nullopt; },
            none},
    Measure{"pause_every_s", "pause every s", 2,
            [](const Figures& f) {
              return f.pauses && f.pauses->every_ns > 0 ? Value(f.pauses->every_ns / 1e9) : std::nullopt;
            },
            none},
};

std::string short_function(std::string name) {
  name = name.substr(0, name.find('('));
  const std::size_t scope = name.rfind("::");
  return scope == std::string::npos ? name : name.substr(scope + 2);
}

std::string ceiling_in_short(const CeilingSaid& ceiling) {
  std::string text = ceiling.resource;
  if (!ceiling.holder.empty()) text += " in " + short_function(ceiling.holder);
  text += ": " + format_figure(ceiling.per_second, 0) + "/s at most";
  if (ceiling.demand_ns > 0)
    text += ", " + format_duration(static_cast<std::uint64_t>(ceiling.demand_ns)) + " a request";
  return text;
}

}  // namespace

std::span<const Measure> measures() {
  return kMeasures;
}

const Measure* find_measure(std::string_view name) {
  const auto* const found = std::ranges::find(kMeasures, name, &Measure::name);
  return found == kMeasures.end() ? nullptr : found;
}

std::string verdict_in_short(const Said& said) {
  if (said.ceilings.empty()) return "no ceiling known";
  const std::string first = ceiling_in_short(said.ceilings.front());
  return said.bound ? first : "not bound; first would be " + first;
}

std::string stages_in_short(const Said& said) {
  std::vector<std::pair<double, std::string>> stages;
  double sum = 0;
  for (const auto& [name, ns] : said.stage_ns) {
    stages.emplace_back(ns, name);
    sum += ns;
  }
  std::ranges::sort(stages, std::greater());
  std::string text;
  for (const auto& [ns, name] : stages) {
    if (ns <= 0 || ns < sum / 20) break;
    text += (text.empty() ? "" : ", ") + name + " " + format_duration(static_cast<std::uint64_t>(ns));
  }
  return text;
}

std::string format_figure(double value, int digits) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  std::string figure = text.data();
  const std::size_t first = figure.starts_with('-') ? 1 : 0;
  std::size_t end = std::min(figure.find('.'), figure.size());
  for (; end > first + 3; end -= 3) figure.insert(end - 3, ",");
  return figure;
}

}  // namespace plateau::app::lab
