#include "model/prediction.h"

#include <algorithm>
#include <limits>

#include "model/verdict.h"

namespace plateau::model {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

enum class End { low, value, high };

double at(const Estimate& e, End end) {
  return end == End::low ? e.low : end == End::high ? e.high : e.value;
}

ServiceModel with_demands(ServiceModel model, End end) {
  for (ServiceCenter& r : model.centers) {
    const double demand = at(r.demand, end);
    const double factor = r.demand.value > 0 ? demand / r.demand.value : 1;
    r.on_cpu *= factor;
    r.after_answer *= factor;
    r.demand = known(demand);
  }
  model.load.client_cpu = known(at(model.load.client_cpu, end));
  return model;
}

Utilisation highest(const std::vector<Utilisation>& list, bool workers) {
  for (const Utilisation& u : list)
    if ((u.resource == "workers") == workers) return u;
  return {};
}

// What is saturated inside keeps the workers busy too: it comes first.
std::string bottleneck_of(const std::vector<Utilisation>& list) {
  if (const auto inner = highest(list, false); inner.share >= kSaturated) return inner.resource;
  if (const auto outer = highest(list, true); outer.share >= kSaturated) return outer.resource;
  return "load";
}

std::vector<Utilisation> utilisations_of(const SimulationPlan& plan, const SimulationResult& result) {
  std::vector<Utilisation> list;
  for (std::size_t i = 0; i < plan.pools.size(); i++)
    list.push_back({plan.pools[i].name, std::min(1.0, result.pools[i].utilisation)});
  std::stable_sort(list.begin(), list.end(),
                   [](const Utilisation& a, const Utilisation& b) { return a.share > b.share; });
  return list;
}

// The first resource that cannot serve the rate.
std::string exceeded(const ServiceModel& model) {
  const ServiceCenter* lowest = nullptr;
  for (const ServiceCenter& r : model.centers)
    if (!lowest || ceiling_of(r, model) < ceiling_of(*lowest, model)) lowest = &r;
  return lowest && ceiling_of(*lowest, model) <= *model.load.rate ? lowest->name : "workers";
}

Estimate throughput_range(const ServiceModel& model, double simulated) {
  const auto value = estimate_throughput(model);
  const auto most = estimate_throughput(with_demands(model, End::low));
  const auto least = estimate_throughput(with_demands(model, End::high));
  if (!value || !most || !least || *value <= 0) return known(simulated);
  return {simulated, simulated * std::min(1.0, *least / *value), simulated * std::max(1.0, *most / *value)};
}

Prediction unsteady(const ServiceModel& model) {
  Prediction p;
  p.steady = false;
  p.throughput = known(std::min(*model.load.rate, ceiling_of(model)));
  p.bottleneck = exceeded(model);
  return p;
}

}  // namespace

double ceiling_of(const ServiceCenter& r, const ServiceModel& model) {
  if (r.role == Role::wait || r.servers == 0) return kInfinity;
  const double demand =
      r.role == Role::cpu ? (r.demand.value + model.load.client_cpu.value) * r.slowdown : r.demand.value;
  return demand > 0 ? static_cast<double>(r.servers) * r.ways / demand : kInfinity;
}

double ceiling_of(const ServiceModel& model) {
  double lowest = kInfinity;
  for (const ServiceCenter& r : model.centers) lowest = std::min(lowest, ceiling_of(r, model));
  return lowest;
}

Result<Prediction> predict(const ServiceModel& model, const SimulationOptions& options) {
  if (model.load.rate && ceiling_of(model) <= *model.load.rate) return unsteady(model);
  const SimulationPlan plan = plan_of(model);
  const auto result = simulate(plan, options);
  if (!result) return result.error();
  if (!result->steady) return unsteady(model);
  Prediction p;
  p.throughput = model.load.rate ? known(*model.load.rate) : throughput_range(model, result->throughput);
  p.response = result->response;
  p.p50 = result->p50;
  p.p99 = result->p99;
  p.utilisations = utilisations_of(plan, *result);
  p.bottleneck = bottleneck_of(p.utilisations);
  return p;
}

}  // namespace plateau::model
