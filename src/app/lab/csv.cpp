#include <array>
#include <cstdio>

#include "app/lab/writers.h"

namespace plateau::app::lab {
namespace {

std::string number(double value) {
  std::array<char, 40> text;
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return text.data();
}

std::string line_of(const std::vector<std::string>& fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); i++) line += (i > 0 ? "," : "") + csv_field(fields[i]);
  return line + "\r\n";
}

std::string ratio(double value, double base) {
  return base > 0 ? number(value / base) : "";
}

std::string measure_line(const Outcome& outcome, const RungOutcome& rung, const Measure& measure) {
  const RungOutcome* const first = first_of(outcome, rung);
  std::vector<std::string> fields = {outcome.experiment.name, rung.rung.name, std::string(measure.name)};
  const auto report = rung.rung.report.find(std::string(measure.name));
  fields.push_back(report != rung.rung.report.end() ? number(report->second) : "");
  const Spread value = measured(rung, measure);
  fields.push_back(value.count > 0 ? number(value.median) : "");
  fields.push_back(value.count > 0 && first != nullptr ? ratio(value.median, measured(*first, measure).median)
                                                       : "");
  fields.push_back(value.count > 0 ? number(value.q1) : "");
  fields.push_back(value.count > 0 ? number(value.q3) : "");
  fields.push_back(std::to_string(value.count));
  const Said* const said = said_of(rung);
  const auto figure = said != nullptr ? measure.said(*said) : std::nullopt;
  fields.push_back(figure ? number(*figure) : "");
  fields.push_back(said != nullptr && !said->ceilings.empty() ? number(said->ceilings.front().per_second)
                                                              : "");
  fields.push_back(said != nullptr ? verdict_in_short(*said) : "");
  fields.push_back(rung.skipped);
  return line_of(fields);
}

std::string causes_csv(const Outcome& outcome) {
  std::string text = line_of({"lab", "switch", "stage", "planted_us", "risen_us", "other_stage", "other_us",
                              "seen", "sent", "ok", "blind"});
  for (const RungOutcome& rung : outcome.rungs)
    for (const CauseRow& row : rung.causes)
      text += line_of({outcome.experiment.name, rung.rung.name, row.stage, number(row.planted_ns / 1e3),
                       number(row.risen_ns / 1e3), row.other, number(row.other_ns / 1e3),
                       std::to_string(row.seen), std::to_string(row.sent),
                       row.ok && row.other_ok ? "true" : "false", rung.rung.blind});
  return text;
}

}  // namespace

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string csv_of(const Outcome& outcome) {
  if (outcome.experiment.kind == Kind::causes) return causes_csv(outcome);
  std::string text = line_of({"lab", "rung", "measure", "report", "measured", "measured_ratio", "q1", "q3",
                              "rounds", "plateau", "ceiling", "verdict", "skipped"});
  for (const RungOutcome& rung : outcome.rungs)
    for (const std::string& column : outcome.experiment.columns)
      text += measure_line(outcome, rung, *find_measure(column));
  return text;
}

std::string samples_csv_of(const Outcome& outcome) {
  std::string text = line_of({"rung", "round", "at_s", "per_second", "p999_ms", "rss_bytes", "threads"});
  for (const RungOutcome& rung : outcome.rungs)
    for (std::size_t i = 0; i < rung.rounds.size(); i++)
      for (const Sample& sample : rung.rounds[i].samples)
        text += line_of({rung.rung.name, std::to_string(i + 1), number(sample.at_s),
                         number(sample.per_second), number(sample.p999_ns / 1e6),
                         std::to_string(sample.rss_bytes), std::to_string(sample.threads)});
  return text;
}

}  // namespace plateau::app::lab
