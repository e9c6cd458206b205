#include <cstdio>

#include "base/units.h"
#include "sink/what_if.h"
#include "sink/words.h"

namespace plateau::sink {
namespace {

using model::Outcome;
using model::Outlook;
using model::Prediction;

constexpr std::size_t kWidth = 118;
constexpr double kProbesToldOf = 1e-6;  // s
constexpr std::size_t kRows = 6, kLinesOfUseless = 2, kLinesOfUnknowns = 3;

std::string rate(double per_second) {
  return format_count(static_cast<std::uint64_t>(per_second + 0.5));
}

std::string duration(double seconds) {
  return format_duration(static_cast<std::uint64_t>(seconds * 1e9));
}

std::string latency(const Prediction& p, double seconds) {
  return p.tells_latency ? duration(seconds) : "-";
}

std::string row(const std::string& what, const Prediction& p) {
  const std::string range = rate(p.throughput.low) + "-" + rate(p.throughput.high);
  char line[256];
  std::snprintf(line, sizeof(line), "  %-53.53s %9s/s %15s %10s %10s  %.60s\n", what.c_str(),
                rate(p.throughput.value).c_str(), range.c_str(), latency(p, p.p50).c_str(),
                latency(p, p.p99).c_str(),
                p.bottleneck == "load" ? "nothing: the load" : p.bottleneck.c_str());
  return line;
}

// A list that goes on in lines of its own, as far as `lines` of them hold it.
std::string wrapped(const std::string& title, const std::vector<std::string>& items, std::size_t lines) {
  if (items.empty()) return "";
  std::string text = "  " + title;
  std::size_t column = text.size(), line = 1, shown = 0;
  for (const std::string& item : items) {
    const std::string piece = " " + item + (shown + 1 < items.size() ? ";" : "");
    if (column + piece.size() > kWidth && shown) {
      if (line++ == lines) return text + " …\n";
      text += "\n   ";
      column = 3;
    }
    text += piece;
    column += piece.size();
    shown++;
  }
  return text + "\n";
}

std::string useless(const Outlook& outlook) {
  std::vector<std::string> list;
  for (const Outcome& outcome : outlook.outcomes)
    if (outcome.prediction && outcome.fix.asked.empty() && !helps(outcome, *outlook.today))
      list.push_back(outcome.what);
  return wrapped("No use:", list, kLinesOfUseless);
}

std::string not_known(const Outlook& outlook) {
  std::vector<std::string> list;
  for (const auto& unknown : outlook.unknowns) list.push_back(unknown.what + " (" + unknown.experiment + ")");
  return wrapped("Not known:", list, kLinesOfUnknowns);
}

std::string heading(const Outlook& outlook) {
  std::string text = "WHAT IF (predicted by a model of the server";
  if (outlook.throughput_error) {
    text += "; today's throughput reproduced within " + format_percent(*outlook.throughput_error);
    if (outlook.p50_error && outlook.today->tells_latency)
      text += ", p50 within " + format_percent(*outlook.p50_error);
  }
  return text + ")\n";
}

}  // namespace

std::string p50_note(const Outlook& outlook) {
  if (outlook.today && !outlook.today->tells_latency)
    return "Latencies are not predicted: the model reproduces today's mean and not its median, as where "
           "requests overtake each other";
  if (outlook.p50_scale == 1) return "";
  return "Every p50 is the model's times " + format("%.2f", outlook.p50_scale) +
         ": it reproduces today's mean latency, and its median so much off";
}

std::string what_if_text(const Outlook& outlook) {
  if (outlook.reason)
    return std::string("WHAT IF\n  ") + (outlook.today ? "NO PREDICTION" : "No prediction") + ": " +
           *outlook.reason + "\n" + (outlook.today ? not_known(outlook) : "");
  std::string text = heading(outlook);
  char head[256];
  std::snprintf(head, sizeof(head), "  %-53s %11s %15s %10s %10s  %s\n", "FIX", "THROUGHPUT", "RANGE", "p50",
                "p99", "THEN LIMITED BY");
  text += head + row("as it is", *outlook.today);
  std::size_t rows = 1;
  for (const Outcome& outcome : outlook.outcomes)
    if (outcome.prediction && !outcome.fix.asked.empty()) text += row(outcome.what, *outcome.prediction);
  for (const Outcome& outcome : outlook.outcomes)
    if (rows < kRows && outcome.fix.asked.empty() && helps(outcome, *outlook.today)) {
      text += row(outcome.what, *outcome.prediction);
      rows++;
    }
  if (const std::string note = p50_note(outlook); !note.empty()) text += "  " + note + "\n";
  if (outlook.probes >= kProbesToldOf)
    text += "  Left out: Plateau's own " + duration(outlook.probes) + " of CPU a request\n";
  return text + useless(outlook) + not_known(outlook);
}

}  // namespace plateau::sink
