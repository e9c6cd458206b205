#include "app/lab/predictions.h"

#include <algorithm>
#include <cmath>

namespace plateau::app::lab {
namespace {

double median(std::vector<double> values) {
  return values.empty() ? 0 : quantile(std::move(values), 0.5);
}

std::string percent(double error) {
  return (error < 0 ? "-" : "+") + format_figure(std::abs(error) * 100, 1) + " %";
}

void predict(const RungOutcome& before, PredictionRow& row) {
  std::vector<double> rates, p50s;
  for (const Round* round : counted_rounds(before)) {
    if (!round->said) {
      row.missing = round->not_said;
      continue;
    }
    const auto fix = std::ranges::find(round->said->fixes, row.fix, &FixSaid::asked);
    if (fix == round->said->fixes.end() || fix->per_second <= 0) {
      row.missing = fix == round->said->fixes.end() ? round->said->no_prediction : fix->missing;
      continue;
    }
    rates.push_back(fix->per_second);
    p50s.push_back(fix->p50_ns);
  }
  row.predicted = median(rates);
  row.predicted_p50_ns = std::ranges::find(p50s, 0.0) == p50s.end() ? median(p50s) : 0;
  if (row.predicted > 0) row.missing.clear();
}

const RungOutcome* find(const Outcome& outcome, const std::string& name) {
  for (const RungOutcome& rung : outcome.rungs)
    if (rung.rung.name == name && !rung.rounds.empty()) return &rung;
  return nullptr;
}

std::string joined(const std::vector<std::string>& texts, const char* between) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : between) + text;
  return all;
}

bool is_right(const NamedCause& cause) {
  return 2 * cause.right > static_cast<int>(cause.named.size());
}

}  // namespace

std::vector<PredictionRow> predictions_of(const Outcome& outcome) {
  std::vector<PredictionRow> rows;
  for (const RungOutcome& rung : outcome.rungs) {
    const RungOutcome* const before = rung.rung.before.empty() ? nullptr : find(outcome, rung.rung.before);
    if (rung.rounds.empty() || before == nullptr) continue;
    PredictionRow row;
    row.rung = rung.rung.name;
    row.before = rung.rung.before;
    row.fix = rung.rung.fix;
    row.measured = measured(rung, *find_measure("throughput")).median;
    row.measured_p50_ns = measured(rung, *find_measure("p50_ms")).median * 1e6;
    predict(*before, row);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::optional<double> median_error(const std::vector<PredictionRow>& rows) {
  std::vector<double> errors;
  for (const PredictionRow& row : rows)
    if (row.predicted > 0) errors.push_back(std::abs(row.error()));
  return errors.empty() ? std::nullopt : std::optional(median(errors));
}

std::vector<NamedCause> causes_named(const Outcome& outcome) {
  std::vector<NamedCause> list;
  for (const RungOutcome& rung : outcome.rungs) {
    if (rung.rung.cause.empty() || rung.rounds.empty()) continue;
    NamedCause cause{rung.rung.name, rung.rung.cause.front(), {}, {}, 0};
    for (const Round* round : counted_rounds(rung)) {
      cause.named.push_back(round->said ? round->said->cause : "nothing: " + round->not_said);
      cause.right += std::ranges::find(rung.rung.cause, cause.named.back()) != rung.rung.cause.end();
      if (round->said) cause.evidence = round->said->evidence;
    }
    list.push_back(std::move(cause));
  }
  return list;
}

Table predictions_table(const Outcome& outcome) {
  Table table{"What was predicted for a fix beside what was measured after it",
              {{"server", false},
               {"after the fix", false},
               {"measured", true, "requests/s"},
               {"predicted", true, "requests/s"},
               {"error", true, "requests/s"},
               {"measured", true, "p50 ms"},
               {"predicted", true, "p50 ms"},
               {"error", true, "p50 ms"},
               {"", false}},
              {}};
  for (const PredictionRow& row : predictions_of(outcome)) {
    const bool known = row.predicted > 0, p50_known = row.predicted_p50_ns > 0;
    table.rows.push_back({row.before, row.rung + " (" + row.fix + ")", format_figure(row.measured, 0),
                          known ? format_figure(row.predicted, 0) : "", known ? percent(row.error()) : "",
                          format_figure(row.measured_p50_ns / 1e6, 2),
                          p50_known ? format_figure(row.predicted_p50_ns / 1e6, 2) : "",
                          p50_known ? percent(row.p50_error()) : "",
                          known && !p50_known ? "latencies are not predicted" : row.missing});
  }
  return table;
}

Table named_table(const Outcome& outcome) {
  Table table{"The cause that was planted and the one that plateau explain named",
              {{"server", false}, {"planted", false}, {"named", false}, {"", false}, {"evidence", false}},
              {}};
  for (const NamedCause& cause : causes_named(outcome)) {
    std::vector<std::string> different = cause.named;
    std::ranges::sort(different);
    different.erase(std::ranges::unique(different).begin(), different.end());
    table.rows.push_back({cause.rung, cause.planted, joined(different, " or "),
                          is_right(cause) ? "ok" : "MISSED", joined(cause.evidence, "; ")});
  }
  return table;
}

void add_prediction_checks(const Outcome& outcome, std::vector<Check>& checks) {
  for (const NamedCause& cause : causes_named(outcome))
    checks.push_back({cause.rung,
                      "named " + joined(cause.named, ", ") + "; " + cause.planted + " was planted",
                      is_right(cause)});
  const auto rows = predictions_of(outcome);
  for (const PredictionRow& row : rows)
    checks.push_back({row.rung,
                      row.predicted > 0
                          ? "predicted within " + format_figure(kThroughputError * 100, 0) +
                                " % of the throughput and " + format_figure(kP50Error * 100, 0) +
                                " % of p50: " + percent(row.error()) + " and " +
                                (row.predicted_p50_ns > 0 ? percent(row.p50_error()) : "none")
                          : "no prediction: " + row.missing,
                      row.predicted > 0 && std::abs(row.error()) <= kThroughputError &&
                          std::abs(row.p50_error()) <= kP50Error});
  if (const auto error = median_error(rows))
    checks.push_back({"all",
                      "median error of the throughput " + format_figure(*error * 100, 1) + " %, at most " +
                          format_figure(kMedianError * 100, 0) + " %",
                      *error <= kMedianError});
}

}  // namespace plateau::app::lab
