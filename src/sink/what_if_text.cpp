#include <algorithm>
#include <cstdio>

#include "base/units.h"
#include "sink/what_if.h"

namespace plateau::sink {
namespace {

using model::Outcome;
using model::Outlook;
using model::Prediction;

constexpr std::size_t kRows = 6, kUnknowns = 3;

std::string rate(double per_second) {
  return format_count(static_cast<std::uint64_t>(per_second + 0.5));
}

std::string duration(double seconds) {
  return format_duration(static_cast<std::uint64_t>(seconds * 1e9));
}

std::string row(const std::string& what, const Prediction& p) {
  const std::string range = rate(p.throughput.low) + "-" + rate(p.throughput.high);
  char line[256];
  std::snprintf(line, sizeof(line), "  %-53.53s %9s/s %15s %10s %10s  %.60s\n", what.c_str(),
                rate(p.throughput.value).c_str(), range.c_str(), duration(p.p50).c_str(),
                duration(p.p99).c_str(), p.bottleneck == "load" ? "nothing: the load" : p.bottleneck.c_str());
  return line;
}

std::string useless(const Outlook& outlook) {
  std::string list;
  for (const Outcome& outcome : outlook.outcomes)
    if (outcome.prediction && !helps(outcome, *outlook.today))
      list += (list.empty() ? "" : "; ") + outcome.what;
  return list.empty() ? "" : "  No use: " + list + "\n";
}

std::string not_known(const Outlook& outlook) {
  std::vector<std::string> list;
  for (const Outcome& outcome : outlook.outcomes)
    if (!outcome.missing.empty()) list.push_back(outcome.missing);
  for (const auto& unknown : outlook.unknowns)
    list.push_back(unknown.what + (unknown.experiment.empty() ? "" : "; " + unknown.experiment));
  std::string text;
  for (std::size_t i = 0; i < std::min(list.size(), kUnknowns); i++) text += "  Not known: " + list[i] + "\n";
  return text;
}

std::string heading(const Outlook& outlook) {
  std::string text = "WHAT IF (predicted by a model of the server";
  if (outlook.throughput_error) {
    text += "; today's throughput reproduced within " + format_percent(*outlook.throughput_error);
    if (outlook.p50_error) text += ", p50 within " + format_percent(*outlook.p50_error);
  }
  return text + ")\n";
}

}  // namespace

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
    if (rows < kRows && helps(outcome, *outlook.today)) {
      text += row(outcome.what, *outcome.prediction);
      rows++;
    }
  return text + useless(outlook) + not_known(outlook);
}

}  // namespace plateau::sink
