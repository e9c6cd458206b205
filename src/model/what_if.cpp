#include "model/what_if.h"

#include <cmath>

namespace plateau::model {
namespace {

constexpr double kReproduced = 0.15;  // a figure is, within that share
constexpr double kMostSkew = 0.3;     // of p50, that disturbances account for

std::optional<double> relative_error(double predicted, double observed) {
  if (observed <= 0) return std::nullopt;
  return std::abs(predicted - observed) / observed;
}

double probes_of(const ServiceModel& model) {
  double sum = 0;
  if (const ServiceCenter* cpu = model.cpu())
    for (const CpuPart& part : cpu->parts)
      if (part.cost == CpuCost::probes) sum += part.seconds;
  return sum;
}

// What limits today and what limits then.
std::vector<std::string> evidence_for(const ServiceModel& model, const Prediction& today,
                                      const Prediction& then) {
  std::vector<std::string> list;
  for (const std::string& name : {today.bottleneck, then.bottleneck}) {
    const ServiceCenter* r = model.find(name);
    if (!r || r->evidence.empty()) continue;
    const std::string line = name + ": " + r->evidence;
    if (list.empty() || list.back() != line) list.push_back(line);
  }
  return list;
}

Outcome outcome_of(const ServiceModel& model, const Fix& fix, const Prediction& today) {
  Outcome outcome;
  outcome.fix = fix;
  outcome.what = describe(fix);
  const auto changed = apply(model, fix);
  if (!changed) {
    outcome.missing = changed.error().message;
    return outcome;
  }
  auto prediction = predict(*changed);
  if (!prediction) {
    outcome.missing = prediction.error().message;
    return outcome;
  }
  if (today.throughput.value > 0) outcome.gain = prediction->throughput.value / today.throughput.value - 1;
  outcome.evidence = evidence_for(*changed, today, *prediction);
  outcome.prediction = std::move(*prediction);
  return outcome;
}

}  // namespace

bool is_skewed(const WhatIf& table) {
  return table.p50_error && table.response_error && *table.p50_error > kReproduced &&
         *table.p50_error <= kMostSkew && *table.response_error <= kReproduced;
}

namespace {

bool is_beyond_skew(const WhatIf& table) {
  return table.p50_error && table.response_error && *table.p50_error > kMostSkew &&
         *table.response_error <= kReproduced;
}

void scale_p50(WhatIf& table, double factor) {
  table.p50_scale = factor;
  table.today.p50 *= factor;
  for (Outcome& outcome : table.outcomes)
    if (outcome.prediction) outcome.prediction->p50 *= factor;
}

void leave_out_latency(WhatIf& table) {
  table.today.tells_latency = false;
  for (Outcome& outcome : table.outcomes)
    if (outcome.prediction) outcome.prediction->tells_latency = false;
}

}  // namespace

Result<WhatIf> what_if(const ServiceModel& model, const std::vector<Fix>& fixes) {
  const auto seen = predict(model);
  if (!seen) return seen.error();
  WhatIf table;
  table.throughput_error = relative_error(seen->throughput.value, model.observed.throughput);
  if (seen->steady) table.p50_error = relative_error(seen->p50, model.observed.p50);
  if (seen->steady) table.response_error = relative_error(seen->response, model.observed.response);
  const ServiceModel unseen = without_probes(model);
  table.probes = probes_of(model);
  auto today = table.probes > 0 ? predict(unseen) : Result<Prediction>(*seen);
  if (!today) return today.error();
  for (const Fix& fix : fixes) table.outcomes.push_back(outcome_of(unseen, fix, *today));
  table.today = std::move(*today);
  if (is_skewed(table)) scale_p50(table, model.observed.p50 / seen->p50);
  if (is_beyond_skew(table)) leave_out_latency(table);
  return table;
}

}  // namespace plateau::model
