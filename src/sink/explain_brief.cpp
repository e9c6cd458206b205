// explain's report on one page of a terminal.
#include <algorithm>
#include <numeric>
#include <vector>

#include "sink/explain.h"
#include "sink/words.h"

namespace plateau::sink {
namespace {

using attribution::Summary;
using model::Outcome;
using model::Outlook;
using model::Prediction;

constexpr std::size_t kPageWidth = 80;
constexpr std::size_t kVerdictLines = 9, kEvidenceLines = 4, kReasonLines = 2;
constexpr std::size_t kTopStages = 3, kTopFixes = 3;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// At most so many bytes of it, and no part of a character.
std::string head_of(const std::string& line, std::size_t bytes) {
  if (line.size() <= bytes) return line;
  while (bytes > 0 && (static_cast<unsigned char>(line[bytes]) & 0xc0) == 0x80) bytes--;
  return line.substr(0, bytes);
}

// The first `most` lines of it, cut where a word is longer than the page is wide.
std::string first_lines(const std::string& text, std::size_t most) {
  std::string page;
  const auto lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size() && i < most; i++) {
    const bool cut = i + 1 == most && lines.size() > most;
    page += head_of(lines[i], kPageWidth - (cut ? 4 : 0)) + (cut ? " ...\n" : "\n");
  }
  return page;
}

std::string indented(const std::string& text, std::size_t most) {
  std::string page;
  for (const auto& line : lines_of(first_lines(wrap(text, kPageWidth - 2), most))) page += "  " + line + "\n";
  return page;
}

// "lock 0x55c09ab0dae8" as "lock ..dae8": the verdict has all of it.
std::string short_names(std::string text) {
  constexpr std::size_t kKept = 4;
  for (std::size_t at = text.find(" 0x"); at != std::string::npos; at = text.find(" 0x", at + 1)) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789abcdef", at + 3), text.size());
    if (end > at + 3 + kKept) text.replace(at + 1, end - kKept - at - 1, "..");
  }
  return text;
}

std::string figures(const Summary& s) {
  const auto quantile = [&](double p) { return format_duration(s.total.latency.quantile(p)); };
  return format("%s requests in %s: %s, p50 %s, p99 %s, max %s\n", format_count(s.total.count).c_str(),
                format_duration(s.interval_ns).c_str(), per_second(s.throughput()).c_str(),
                quantile(0.5).c_str(), quantile(0.99).c_str(),
                format_duration(s.total.latency.max_ns()).c_str());
}

std::string who(const Summary& s) {
  std::string text = s.facts.comm.empty() ? "capture" : s.facts.comm;
  if (!s.facts.pids.empty()) text += " (PID " + std::to_string(s.facts.pids.front()) + ")";
  if (!s.facts.listening.empty()) text += " on " + s.facts.listening.front();
  return first_lines(text, 1);
}

std::string cause_lines(const model::Verdict& verdict) {
  if (verdict.findings.empty()) return "";
  std::string text = "CAUSE  " + std::string(model::name(verdict.cause())) + "\n", evidence;
  for (const auto& line : verdict.findings.front().evidence) evidence += line + "\n";
  return text + indented(evidence, kEvidenceLines);
}

std::string time_line(const Summary& s) {
  std::vector<std::size_t> order(attribution::kStages);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return s.total.stage_ns[i]; });
  std::string text;
  for (std::size_t i = 0; i < kTopStages && s.total.stage_ns[order[i]]; i++)
    text += (i ? ", " : "") + std::string(attribution::kStageNames[order[i]]) + " " +
            format_percent(ratio(s.total.stage_ns[order[i]], s.total.latency_ns)) + " (" +
            format_duration(s.total.stage_ns[order[i]] / s.total.count) + ")";
  return first_lines("TIME   " + text, 1);
}

std::string latency(const Prediction& p, double seconds) {
  return p.tells_latency ? duration_text(seconds * 1e9) : "-";
}

std::string fix_row(const std::string& what, const Prediction& p) {
  const std::string limit = p.bottleneck == "load" ? "the load" : short_names(p.bottleneck);
  return format("  %-33.33s %9.9s %8.8s %8.8s  %.15s\n", short_names(what).c_str(),
                per_second(p.throughput.value).c_str(), latency(p, p.p50).c_str(), latency(p, p.p99).c_str(),
                limit.c_str());
}

std::string fix_table(const Outlook& outlook) {
  if (outlook.reason || !outlook.today)
    return "WHAT IF\n" + indented("No prediction: " + outlook.reason.value_or("no model"), kReasonLines);
  std::string text = format("%-35s %9s %8s %8s  %s\n", "WHAT IF (by a model of the server)", "requests",
                            "p50", "p99", "limited by") +
                     fix_row("as it is", *outlook.today);
  std::size_t rows = 0;
  for (const bool asked : {true, false})
    for (const Outcome& outcome : outlook.outcomes) {
      if (outcome.fix.asked.empty() == asked || rows == kTopFixes) continue;
      if (!outcome.prediction || (!asked && !model::helps(outcome, *outlook.today))) continue;
      text += fix_row(outcome.what, *outcome.prediction);
      rows++;
    }
  return rows ? text : text + "  none of the fixes that can be predicted helps\n";
}

// Shares of what there was that the report rests on.
std::string seen_line(const Summary& s) {
  const auto& c = s.coverage;
  const bool lost = std::ranges::any_of(c.losses, [](const auto& loss) { return loss.count > 0; });
  return first_lines("SEEN   " + format_percent(c.requests()) + " of the requests" +
                         (lost ? ", some were lost" : ", nothing lost") + "; all the rest: without --brief",
                     1);
}

}  // namespace

std::string explain_brief(const Explanation& e) {
  const Summary& s = e.summary;
  const std::string head = who(s) + (s.total.count ? figures(s) : "");
  const std::string verdict = first_lines(verdict_text(s, e.verdict, kPageWidth), kVerdictLines);
  if (s.total.count == 0) return head + verdict;
  return head + "\n" + verdict + cause_lines(e.verdict) + time_line(s) + fix_table(e.outlook) + seen_line(s);
}

}  // namespace plateau::sink
