#include "app/lab/outcome.h"

#include <algorithm>
#include <cmath>

#include "app/lab/knee.h"

namespace plateau::app::lab {
namespace {

const Measure& first_measure(const Outcome& outcome) {
  const Measure* const found =
      outcome.experiment.columns.empty() ? nullptr : find_measure(outcome.experiment.columns.front());
  return found != nullptr ? *found : measures().front();
}

std::string bounds(const Expectation& expectation, int digits) {
  std::string text;
  if (expectation.least) text += "at least " + format_figure(*expectation.least, digits);
  if (expectation.least && expectation.most) text += " and ";
  if (expectation.most) text += "at most " + format_figure(*expectation.most, digits);
  return text;
}

Check check_of(const Outcome& outcome, const RungOutcome& rung, const Expectation& expectation) {
  const Measure& measure = *find_measure(expectation.measure);
  const RungOutcome* const first = first_of(outcome, rung);
  double value = measured(rung, measure).median;
  const double base = first != nullptr ? measured(*first, measure).median : 0;
  if (expectation.ratio) value = base > 0 ? value / base : 0;
  const int digits = expectation.ratio ? 2 : measure.digits;
  Check check{rung.rung.name, "", true};
  check.text = std::string(measure.heading) + (expectation.ratio ? " as ratio to the first rung " : " ") +
               bounds(expectation, digits) + ": " + format_figure(value, digits);
  if (expectation.least && value < *expectation.least) check.ok = false;
  if (expectation.most && value > *expectation.most) check.ok = false;
  return check;
}

void add_cause_checks(const RungOutcome& rung, std::vector<Check>& checks) {
  for (const CauseRow& row : rung.causes)
    checks.push_back({rung.rung.name, row.stage + " and no other stage", row.ok && row.other_ok});
}

std::optional<std::uint32_t> knee_at(const std::vector<Point>& curve, Shape shape) {
  const auto found = find_knee(curve, shape);
  if (!found) return std::nullopt;
  return static_cast<std::uint32_t>(std::lround(std::pow(10, curve[*found].x)));
}

std::string at_text(const std::optional<std::uint32_t>& connections) {
  return connections ? "at " + format_figure(*connections, 0) + " connections" : "not found";
}

Knee knee_of(const std::string& series, const std::vector<const RungOutcome*>& steps) {
  std::vector<Point> throughput;
  std::vector<Point> latency;
  for (const RungOutcome* step : steps) {
    const double x = std::log10(step->rung.connections);
    throughput.push_back({x, measured(*step, *find_measure("throughput")).median});
    latency.push_back({x, std::log10(std::max(1e-3, measured(*step, *find_measure("p999_ms")).median))});
  }
  Knee knee{series, "", knee_at(throughput, Shape::flattening), knee_at(latency, Shape::steepening)};
  knee.text = series + ": knee of throughput " + at_text(knee.throughput_at) + ", of p99.9 " +
              at_text(knee.latency_at) +
              " (Kneedle, Satopää et al. 2011, S = 1; connections and p99.9 on logarithmic scales)";
  return knee;
}

}  // namespace

Spread measured(const RungOutcome& rung, const Measure& measure) {
  std::vector<double> values;
  for (const Round& round : rung.rounds)
    if (const auto value = measure.measured(round.figures)) values.push_back(*value);
  return spread_of(values);
}

const Round* middle_round(const RungOutcome& rung, bool (*suits)(const Round&)) {
  std::vector<const Round*> rounds;
  for (const Round& round : rung.rounds)
    if (suits(round)) rounds.push_back(&round);
  if (rounds.empty()) return nullptr;
  std::ranges::sort(rounds, {}, [](const Round* round) { return round->figures.load.per_second; });
  return rounds[(rounds.size() - 1) / 2];
}

const Said* said_of(const RungOutcome& rung) {
  const Round* const round = middle_round(rung, [](const Round& r) { return r.said.has_value(); });
  return round != nullptr ? &*round->said : nullptr;
}

const RungOutcome* first_of(const Outcome& outcome, const RungOutcome& rung) {
  for (const RungOutcome& other : outcome.rungs)
    if (!other.rounds.empty() && other.rung.series == rung.rung.series) return &other;
  return nullptr;
}

double widest_spread(const Outcome& outcome) {
  double widest = 0;
  for (const RungOutcome& rung : outcome.rungs)
    widest = std::max(widest, measured(rung, first_measure(outcome)).relative());
  return widest;
}

std::vector<Check> checks_of(const Outcome& outcome) {
  std::vector<Check> checks;
  for (const RungOutcome& rung : outcome.rungs) {
    if (!rung.rounds.empty())
      for (const Expectation& expectation : rung.rung.expect)
        checks.push_back(check_of(outcome, rung, expectation));
    if (rung.rung.blind.empty()) add_cause_checks(rung, checks);
  }
  return checks;
}

std::vector<Knee> knees_of(const Outcome& outcome) {
  std::vector<std::string> order;
  std::map<std::string, std::vector<const RungOutcome*>> series;
  for (const RungOutcome& rung : outcome.rungs) {
    if (rung.rung.connections == 0 || rung.rounds.empty()) continue;
    auto& steps = series[rung.rung.series];
    if (steps.empty()) order.push_back(rung.rung.series);
    steps.push_back(&rung);
  }
  std::vector<Knee> knees;
  for (const std::string& name : order) knees.push_back(knee_of(name, series[name]));
  return knees;
}

std::string noise_text(const Outcome& outcome) {
  std::string text = "other processes used " + format_figure(outcome.noise.others, 2) +
                     " cores and the hypervisor took " + format_figure(outcome.noise.steal, 2) +
                     " on average";
  if (outcome.experiment.kind == Kind::causes) return text;
  std::size_t rounds = 0;
  for (const RungOutcome& rung : outcome.rungs) rounds = std::max(rounds, rung.rounds.size());
  const double spread = widest_spread(outcome);
  text += "; " + std::to_string(rounds) + (rounds == 1 ? " round (" : " rounds (") +
          std::to_string(outcome.least_rounds) + " to " + std::to_string(outcome.most_rounds) +
          "); the quartiles of " + std::string(first_measure(outcome).heading) + " lie up to " +
          format_figure(spread * 100, 1) + " % of the median apart, ";
  const double bound = outcome.experiment.spread;
  if (rounds < 2) return text + "which one round cannot tell";
  return text + (spread <= bound ? "within" : "which is more than") + " the bound of " +
         format_figure(bound * 100, 0) + " %";
}

}  // namespace plateau::app::lab
