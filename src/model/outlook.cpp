#include "model/outlook.h"

#include <algorithm>

#include "base/units.h"
#include "model/capture_view.h"
#include "model/lock_demand.h"
#include "model/model_builder.h"

namespace plateau::model {
namespace {

using attribution::Summary;

constexpr double kLeastGain = 0.02, kLeastSaving = 0.05;
constexpr double kKept = 0.02;  // connections a request up to which they count as kept open

// The bounds of the run time: seconds where it takes the whole of one.
constexpr double kMostInside = 20'000;
constexpr double kMostWork = 1e6;      // of a simulation; there are about a dozen
constexpr double kMostStates = 2.5e7;  // of mean value analysis

// Of one simulation: requests that it answers, times the resources of each.
double work(double inside, double locks) {
  return (40'000 + 5 * inside) * (3 + locks);
}

std::optional<std::string> too_large(const Summary& summary) {
  const double inside = summary.concurrency();
  const std::string requests =
      format_count(static_cast<std::uint64_t>(inside)) + " requests inside at a time";
  if (inside > kMostInside) return requests + " are too many to simulate";
  const auto locks = std::count_if(summary.locks.begin(), summary.locks.end(),
                                   [&](const auto& lock) { return is_modelled(lock, summary); });
  if (work(inside, static_cast<double>(locks)) <= kMostWork) return std::nullopt;
  return requests + " and " + std::to_string(locks) + " locks in their way are too many to simulate";
}

std::optional<std::string> too_large(const ServiceModel& model) {
  if (!model.workers) return std::nullopt;
  const double states = static_cast<double>(model.workers->count) * model.load.customers;
  if (states <= kMostStates) return std::nullopt;
  return format_count(model.load.customers) + " requests inside at a time before " +
         format_count(model.workers->count) + " threads are too many to simulate";
}

bool keeps_connections(const Summary& summary) {
  const double all = static_cast<double>(summary.facts.counters[PL_COUNT_CONNS_OPENED]);
  return all < kKept * summary.requests();
}

// Turns of connections that cannot be read count as requests, their handshakes among them.
bool counts_handshakes(const Summary& summary) {
  std::uint64_t unknown = 0;
  for (const auto count : summary.total.by_kind[static_cast<std::size_t>(request::Framing::unknown)])
    unknown += count;
  return static_cast<double>(unknown) > kKept * static_cast<double>(summary.total.count);
}

// What a CPU profile tells, in seconds a request.
Supplement supplement_of(const Summary& summary, const attribution::CpuShares& profile) {
  Supplement supplement;
  const CaptureView view(summary);
  if (profile.samples < attribution::kFewestCpuSamples || !summary.facts.complete) return supplement;
  const double computed = view.per_request(summary.facts.target_cpu_s * 1e9);
  supplement.allocation_cpu = profile.allocation * computed;
  if (!counts_handshakes(summary)) supplement.handshake_cpu = profile.set_up * computed;
  return supplement;
}

std::vector<Fix> fixes_for(const ServiceModel& model, const Summary& summary) {
  std::vector<std::string> locks;
  for (const ServiceCenter& center : model.centers)
    if (center.role == Role::lock && locks.size() < kLocksToFix) locks.push_back(center.name);
  std::vector<Fix> fixes = usual_fixes(model);
  std::erase_if(fixes, [&](const Fix& fix) {
    if (fix.kind == FixKind::keep_alive) return keeps_connections(summary);
    if (fix.kind != FixKind::shorten_lock && fix.kind != FixKind::shard_lock) return false;
    return std::find(locks.begin(), locks.end(), fix.resource) == locks.end();
  });
  return fixes;
}

// On the lock, or the downstream, that requests use longest.
Fix with_resource(Fix fix, const ServiceModel& model) {
  const Role role = fix.kind == FixKind::enlarge_downstream ? Role::downstream : Role::lock;
  for (const ServiceCenter& center : model.centers)
    if (center.role == role && fix.resource.empty()) fix.resource = center.name;
  return fix;
}

std::string rate(double per_second) {
  return format_count(static_cast<std::uint64_t>(per_second + 0.5)) + "/s";
}

std::string duration(double seconds) {
  return format_duration(static_cast<std::uint64_t>(seconds * 1e9));
}

std::optional<std::string> beyond_belief(const WhatIf& table, const Observed& seen) {
  if (table.throughput_error.value_or(0) > kBelievable)
    return "the model makes " + rate(table.today.throughput.value) + " of today's " + rate(seen.throughput) +
           ": what it says of changes is not to be believed";
  if (table.p50_error.value_or(0) > kBelievable && !is_skewed(table) && table.today.tells_latency)
    return "the model makes " + duration(table.today.p50) + " of today's p50 of " + duration(seen.p50) +
           ": what it says of changes is not to be believed";
  return std::nullopt;
}

void order(std::vector<Outcome>& outcomes) {
  std::stable_sort(outcomes.begin(), outcomes.end(), [](const Outcome& a, const Outcome& b) {
    if (!a.prediction || !b.prediction) return a.prediction && !b.prediction;
    return a.gain > b.gain;
  });
}

}  // namespace

bool helps(const Outcome& outcome, const Prediction& today) {
  if (!outcome.prediction) return false;
  return outcome.gain >= kLeastGain ||
         (today.tells_latency && outcome.prediction->p50 < today.p50 * (1 - kLeastSaving));
}

Outlook outlook_of(const Summary& summary, const Questions& questions) {
  Outlook outlook;
  if ((outlook.reason = too_large(summary))) return outlook;
  auto built = build_model(summary, supplement_of(summary, questions.profile));
  if (!built) {
    outlook.reason = built.error().message;
    return outlook;
  }
  if ((outlook.reason = too_large(built->model))) return outlook;
  auto fixes = fixes_for(built->model, summary);
  for (const Fix& fix : fixes)
    if (auto unknown = unknown_saving(built->model, fix)) outlook.unknowns.push_back(std::move(*unknown));
  for (const Fix& asked : questions.asked) {
    const Fix fix = with_resource(asked, built->model);
    std::erase_if(fixes, [&](const Fix& usual) { return describe(usual) == describe(fix); });
    fixes.push_back(fix);
  }
  const auto& assumed = built->model.unknowns;
  outlook.unknowns.insert(outlook.unknowns.end(), assumed.begin(), assumed.end());
  auto table = what_if(built->model, fixes);
  if (!table) {
    outlook.reason = table.error().message;
    return outlook;
  }
  outlook.reason = beyond_belief(*table, built->model.observed);
  outlook.throughput_error = table->throughput_error;
  outlook.p50_error = table->p50_error;
  outlook.p50_scale = table->p50_scale;
  outlook.probes = table->probes;
  if (!outlook.reason) outlook.outcomes = std::move(table->outcomes);
  if (!outlook.reason && questions.curve) outlook.curve = load_curve_of(built->model);
  outlook.today = std::move(table->today);
  order(outlook.outcomes);
  return outlook;
}

}  // namespace plateau::model
