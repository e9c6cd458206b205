#include "app/lab/outcome.h"
#include "app/lab/predictions.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "app/lab/knee.h"
#include "model/scalability_law.h"

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
  double value = figure_of(rung, measure).value_or(0);
  const double base = first != nullptr ? figure_of(*first, measure).value_or(0) : 0;
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

// What Gunther's law makes of the levels, or why it makes nothing.
std::string scalability_text(const std::vector<model::LoadPoint>& levels) {
  const auto law = model::fit_scalability_law(levels);
  if (!law) return "Universal Scalability Law: " + law.error().message;
  char coefficients[96];
  std::snprintf(coefficients, sizeof(coefficients), "contention %.3g, coherence %.2g, R² %.3f", law->sigma,
                law->kappa, law->r_squared);
  std::string text = std::string("Universal Scalability Law: ") + coefficients;
  if (const auto highest = law->highest_throughput())
    text += ", at most " + format_figure(*highest, 0) + " requests/s";
  if (const auto peak = law->peak_load()) text += " with " + format_figure(*peak, 0) + " connections";
  return text;
}

Knee knee_of(const std::string& series, const std::vector<const RungOutcome*>& steps) {
  std::vector<Point> throughput;
  std::vector<Point> latency;
  std::vector<model::LoadPoint> levels;
  for (const RungOutcome* step : steps) {
    const double x = std::log10(step->rung.connections);
    throughput.push_back({x, measured(*step, *find_measure("throughput")).median});
    levels.push_back({static_cast<double>(step->rung.connections), throughput.back().y});
    latency.push_back({x, std::log10(std::max(1e-3, measured(*step, *find_measure("p999_ms")).median))});
  }
  Knee knee{series, "", knee_at(throughput, Shape::flattening), knee_at(latency, Shape::steepening)};
  knee.text = series + ": knee of throughput " + at_text(knee.throughput_at) + ", of p99.9 " +
              at_text(knee.latency_at) +
              " (Kneedle, Satopää et al. 2011, S = 1; connections and p99.9 on logarithmic scales); " +
              scalability_text(levels);
  return knee;
}

}  // namespace

bool is_disturbed(const MachineFigures& machine) {
  return machine.others + machine.steal > kDisturbed;
}

bool is_disturbed(const Round& round) {
  return is_disturbed(round.figures.machine);
}

std::vector<const Round*> counted_rounds(const RungOutcome& rung) {
  std::vector<const Round*> quiet;
  std::vector<const Round*> all;
  for (const Round& round : rung.rounds) {
    all.push_back(&round);
    if (!is_disturbed(round)) quiet.push_back(&round);
  }
  return quiet.empty() ? all : quiet;
}

Spread measured(const RungOutcome& rung, const Measure& measure) {
  std::vector<double> values;
  for (const Round* round : counted_rounds(rung))
    if (const auto value = measure.measured(round->figures)) values.push_back(*value);
  return spread_of(values);
}

std::optional<double> figure_of(const RungOutcome& rung, const Measure& measure) {
  const Spread value = measured(rung, measure);
  if (value.count > 0) return value.median;
  const Said* const said = said_of(rung);
  return said != nullptr ? measure.said(*said) : std::nullopt;
}

const Round* middle_round(const RungOutcome& rung, bool (*suits)(const Round&)) {
  std::vector<const Round*> rounds = counted_rounds(rung);
  std::erase_if(rounds, [=](const Round* round) { return !suits(*round); });
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

bool has_undisturbed(const Outcome& outcome, int rounds) {
  return std::ranges::all_of(outcome.rungs, [=](const RungOutcome& rung) {
    return rung.rounds.empty() ||
           std::ranges::count_if(rung.rounds, [](const Round& r) { return !is_disturbed(r); }) >= rounds;
  });
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
  add_prediction_checks(outcome, checks);
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

namespace {

std::string rounds_text(const Outcome& outcome) {
  std::size_t rounds = 0;
  std::size_t all = 0;
  std::ptrdiff_t disturbed = 0;
  for (const RungOutcome& rung : outcome.rungs) {
    rounds = std::max(rounds, rung.rounds.size());
    all += rung.rounds.size();
    disturbed += std::ranges::count_if(rung.rounds, [](const Round& round) { return is_disturbed(round); });
  }
  return std::to_string(rounds) + (rounds == 1 ? " round" : " rounds") + " a rung (" +
         std::to_string(outcome.least_rounds) + " to " + std::to_string(outcome.most_rounds) + " allowed), " +
         std::to_string(disturbed) + " of the " + std::to_string(all) + " disturbed (others over " +
         format_figure(kDisturbed, 2) + " cores; they count only where a rung has no others)";
}

std::string again_text(const Outcome& outcome) {
  const auto again =
      std::ranges::count_if(outcome.rungs, [](const RungOutcome& r) { return r.attempts > 1; });
  return "; " + std::to_string(again) + " of the switches, missed while others used over " +
         format_figure(kDisturbed, 2) + " cores, were measured again";
}

std::string spread_text(const Outcome& outcome) {
  std::size_t most = 0;
  for (const RungOutcome& rung : outcome.rungs) most = std::max(most, counted_rounds(rung).size());
  if (most < 2) return "how far rounds agree, single ones cannot tell";
  const double spread = widest_spread(outcome);
  const double bound = outcome.experiment.spread;
  return "the quartiles of " + std::string(first_measure(outcome).heading) + " lie up to " +
         format_figure(spread * 100, 1) + " % of the median apart, " +
         (spread <= bound ? "within" : "which is more than") + " the bound of " +
         format_figure(bound * 100, 0) + " %";
}

}  // namespace

std::string noise_text(const Outcome& outcome) {
  const std::string text = "other processes used " + format_figure(outcome.noise.others, 2) +
                           " cores and the hypervisor took " + format_figure(outcome.noise.steal, 2) +
                           " on average";
  if (outcome.experiment.kind == Kind::causes) return text + again_text(outcome);
  return text + "; " + rounds_text(outcome) + "; " + spread_text(outcome);
}

}  // namespace plateau::app::lab
