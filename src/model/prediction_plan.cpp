#include <algorithm>

#include "model/prediction.h"

namespace plateau::model {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

class PlanWriter {
 public:
  explicit PlanWriter(const ServiceModel& model) : model_(model) {
    if (model.workers) {
      const Workers& w = *model.workers;
      worker_ = w.pinned ? pool({"workers", 1, w.count, LaneChoice::by_customer})
                         : pool({"workers", w.count, 1, LaneChoice::random});
    }
    if (const ServiceCenter* cpu = model.cpu(); cpu && cpu->servers)
      cpu_ = pool({cpu->name, cpu->servers, 1, LaneChoice::random});
  }

  SimulationPlan write() {
    waits(false);
    take(worker_);
    waits(true);
    compute(in_request(), cpu_scv());
    for (const ServiceCenter& r : model_.centers) {
      if (r.role == Role::lock) lock(r);
      if (r.role == Role::downstream) downstream(r);
    }
    answer();
    give(worker_);
    compute(model_.load.client_cpu.value, 1);
    load();
    return std::move(plan_);
  }

 private:
  std::size_t pool(Pool p) {
    plan_.pools.push_back(std::move(p));
    return plan_.pools.size() - 1;
  }
  void take(std::size_t p, bool first = false) {
    if (p != kNone) steps_->push_back({Step::Kind::seize, p, 0, 1, first});
  }
  void give(std::size_t p) {
    if (p != kNone) steps_->push_back({Step::Kind::release, p});
  }
  void hold(double mean, double scv) {
    if (mean > 0) steps_->push_back({Step::Kind::hold, 0, mean, scv});
  }
  void compute(double mean, double scv, bool first = false) {
    if (mean <= 0) return;
    if (cpu_ == kNone) return hold(mean, scv);
    take(cpu_, first);
    hold(mean * model_.cpu()->slowdown, scv);
    give(cpu_);
  }

  void waits(bool with_worker) {
    for (const ServiceCenter& r : model_.centers)
      if (r.role == Role::wait && r.holds_worker == with_worker) hold(r.demand.value, r.scv);
  }

  double cpu_scv() const { return model_.cpu() ? model_.cpu()->scv : 1; }

  // s computed before the answer, less what locks hold.
  double in_request() const {
    const ServiceCenter* cpu = model_.cpu();
    if (!cpu) return 0;
    double mean = cpu->demand.value - cpu->after_answer;
    for (const ServiceCenter& r : model_.centers)
      if (r.role == Role::lock) mean -= r.on_cpu;
    return mean;
  }

  // The thread that sends the answer has a CPU, for which it has waited, and keeps it for what comes after.
  void answer() {
    const ServiceCenter* cpu = model_.cpu();
    const double after = cpu ? std::min(cpu->after_answer, cpu->demand.value) : 0;
    const bool queues = after > 0 && cpu_ != kNone;
    if (queues && !goes_on()) take(cpu_);
    steps_ = &plan_.between;
    if (after <= 0) return;
    hold(after * (queues ? cpu->slowdown : 1), cpu->scv);
    if (queues) give(cpu_);
  }

  // Computing was the last thing: the CPU is not given back before the answer.
  bool goes_on() {
    auto& steps = plan_.request;
    if (steps.empty() || steps.back().kind != Step::Kind::release || steps.back().pool != cpu_) return false;
    steps.pop_back();
    return true;
  }

  // Nobody holds a lock while waiting for a CPU to begin: who is woken for it tries anew when running, and
  // until then it is free for any thread that runs (futex(2)). A holder that slept inside has used less than
  // its share of the CPU, so that the scheduler prefers it (EEVDF: the earliest eligible deadline).
  void lock(const ServiceCenter& r) {
    const std::size_t p = pool({r.name, 1, r.ways, LaneChoice::random});
    const double on_cpu = std::min(r.on_cpu, r.demand.value);
    take(p);
    hold(r.demand.value - on_cpu, r.scv);
    compute(on_cpu, r.scv, true);
    give(p);
  }

  void downstream(const ServiceCenter& r) {
    if (r.servers == 0) return hold(r.demand.value, r.scv);
    const std::size_t p = pool({r.name, r.servers, 1, LaneChoice::random});
    take(p);
    hold(r.demand.value, r.scv);
    give(p);
  }

  void load() {
    plan_.rate = model_.load.rate.value_or(0);
    plan_.customers = model_.load.rate ? 0 : model_.load.customers;
    plan_.think = model_.load.think;
  }

  const ServiceModel& model_;
  SimulationPlan plan_;
  std::vector<Step>* steps_ = &plan_.request;
  std::size_t worker_ = kNone;
  std::size_t cpu_ = kNone;
};

double computed_in_locks(const ServiceModel& model) {
  double sum = 0;
  for (const ServiceCenter& r : model.centers)
    if (r.role == Role::lock) sum += std::min(r.on_cpu, r.demand.value);
  return sum;
}

std::vector<Station> stations_of(const ServiceModel& model) {
  std::vector<Station> list;
  for (const ServiceCenter& r : model.centers) {
    const double demand = r.demand.value;
    if (r.role == Role::cpu)
      list.push_back({r.name, StationKind::queueing,
                      std::max(0.0, demand - computed_in_locks(model)) * r.slowdown, r.servers});
    else if (r.role == Role::lock)
      list.insert(list.end(), r.ways, {r.name, StationKind::queueing, demand / r.ways});
    else if (r.role == Role::downstream && r.servers)
      list.push_back({r.name, StationKind::queueing, demand, r.servers});
    else
      list.push_back({r.name, StationKind::delay, demand});
  }
  return list;
}

Result<double> last_throughput(const ClosedNetwork& network, unsigned customers) {
  const auto all = closed_throughputs(network, customers);
  if (!all) return all.error();
  return all->back();
}

// No more than `workers` of the customers are inside; the others wait before it.
Result<double> throughput_through(const ClosedNetwork& inside, unsigned workers, unsigned customers) {
  const auto rates = closed_throughputs({inside.stations, 0}, std::min(workers, customers));
  if (!rates) return rates.error();
  Station whole{"workers", StationKind::queueing, 0};
  whole.rates.assign(rates->begin() + 1, rates->end());
  return last_throughput({{whole}, inside.think}, customers);
}

}  // namespace

SimulationPlan plan_of(const ServiceModel& model) {
  return PlanWriter(model).write();
}

Result<double> estimate_throughput(const ServiceModel& model) {
  if (model.load.rate) return std::min(*model.load.rate, ceiling_of(model));
  const ClosedNetwork network{stations_of(model), model.load.think + model.load.client_cpu.value};
  const auto free = model.workers && total_demand(network.stations) > 0
                        ? throughput_through(network, model.workers->count, model.load.customers)
                        : last_throughput(network, model.load.customers);
  if (!free) return free.error();
  return std::min(*free, ceiling_of(model));
}

}  // namespace plateau::model
