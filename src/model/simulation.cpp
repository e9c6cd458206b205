#include "model/simulation.h"

#include <algorithm>
#include <cmath>

#include "model/event_queue.h"
#include "model/mean_value_analysis.h"
#include "model/random_stream.h"
#include "model/sample_statistics.h"

namespace plateau::model {
namespace {

constexpr unsigned kBatches = 20;

bool is_amount(double value) {
  return std::isfinite(value) && value >= 0;
}

Status check_steps(const SimulationPlan& plan, const std::vector<Step>& steps, std::vector<bool>& held) {
  for (const Step& step : steps) {
    if (!is_amount(step.mean) || !is_amount(step.scv))
      return fail("simulation: a time must be finite and not negative");
    if (step.kind == Step::Kind::hold) continue;
    if (step.pool >= held.size()) return fail("simulation: a step names a pool that does not exist");
    const bool seize = step.kind == Step::Kind::seize;
    if (held[step.pool] == seize)
      return fail("simulation: pool '" + plan.pools[step.pool].name + "' is seized or released twice");
    held[step.pool] = seize;
  }
  return success();
}

Status check_plan(const SimulationPlan& plan, const SimulationOptions& options) {
  if (!is_amount(plan.think) || !is_amount(plan.think_scv) || !is_amount(plan.rate))
    return fail("simulation: a time or rate must be finite and not negative");
  if (plan.customers == 0 && plan.rate <= 0) return fail("simulation: neither customers nor arrivals");
  if (plan.customers > kMostCustomers)
    return fail("simulation: more than " + std::to_string(kMostCustomers) + " customers");
  if (options.completions < kBatches) return fail("simulation: too few completions to judge by");
  for (const Pool& pool : plan.pools)
    if (pool.servers == 0 || pool.lanes == 0)
      return fail("simulation: pool '" + pool.name + "' has no server");
  std::vector<bool> held(plan.pools.size(), false);
  if (Status status = check_steps(plan, plan.request, held); !status) return status;
  if (Status status = check_steps(plan, plan.between, held); !status) return status;
  if (std::find(held.begin(), held.end(), true) != held.end())
    return fail("simulation: a pool is never released");
  return success();
}

class Simulator {
 public:
  Simulator(const SimulationPlan& plan, const SimulationOptions& options)
      : plan_(plan), options_(options), random_(options.seed) {
    steps_ = plan.request;
    steps_.insert(steps_.end(), plan.between.begin(), plan.between.end());
    for (const Pool& pool : plan.pools) lanes_.emplace_back(pool.lanes);
    warm_up_ = std::max<std::uint64_t>(options.warm_up, 5ull * plan.customers);
    batch_ = options.completions / kBatches;
  }

  Result<SimulationResult> run() {
    start();
    while (batches_.size() < kBatches) {
      const auto event = events_.pop();
      now_ = event.time;
      if (event.customer == kArrival)
        arrive();
      else
        go_on(event.customer);
      if (customers_.size() > options_.most_inside && plan_.customers == 0) return unsteady();
    }
    return now_ > measured_from_ ? Result<SimulationResult>(result())
                                 : fail("simulation: a request takes no time");
  }

 private:
  static constexpr std::uint32_t kArrival = ~0u;

  struct Customer {
    std::size_t step = 0;
    double began = 0;
    std::vector<unsigned> lane;  // held, by pool
  };
  struct Lane {
    unsigned busy = 0;
    Fifo first, waiting;

    bool is_waited_for() const { return !first.empty() || !waiting.empty(); }
    std::uint32_t next() { return first.empty() ? waiting.pop() : first.pop(); }
  };
  struct Usage {
    double busy = 0, waiting = 0;  // now, all lanes together
    double busy_time = 0, waiting_time = 0;
    double since = 0;
  };

  void start() {
    usage_.resize(plan_.pools.size());
    if (plan_.customers == 0) return events_.push(random_.exponential(1 / plan_.rate), kArrival);
    for (unsigned c = 0; c < plan_.customers; c++) {
      customers_.push_back(newcomer());
      think(c);
    }
  }

  Customer newcomer() const { return {0, 0, std::vector<unsigned>(plan_.pools.size(), 0)}; }

  void arrive() {
    events_.push(now_ + random_.exponential(1 / plan_.rate), kArrival);
    std::uint32_t id = static_cast<std::uint32_t>(customers_.size());
    if (free_.empty()) {
      customers_.push_back(newcomer());
    } else {
      id = free_.back();
      free_.pop_back();
    }
    customers_[id].step = 0;
    go_on(id);
  }

  void think(std::uint32_t id) {
    customers_[id].step = 0;
    events_.push(now_ + random_.duration(plan_.think, plan_.think_scv), id);
  }

  // Until the customer has to wait for a server or for time to pass.
  void go_on(std::uint32_t id) {
    while (true) {
      Customer& c = customers_[id];
      if (c.step == 0) c.began = now_;
      if (c.step == plan_.request.size()) complete(c);
      if (c.step == steps_.size()) return leave(id);
      const Step& step = steps_[c.step++];
      if (step.kind == Step::Kind::release) {
        release(step.pool, c.lane[step.pool]);
      } else if (step.kind == Step::Kind::seize) {
        if (!seize(id, step)) return;
      } else if (step.mean > 0) {
        return events_.push(now_ + random_.duration(step.mean, step.scv), id);
      }
    }
  }

  void leave(std::uint32_t id) {
    if (plan_.customers) return think(id);
    free_.push_back(id);
  }

  bool seize(std::uint32_t id, const Step& step) {
    const std::size_t pool = step.pool;
    const Pool& p = plan_.pools[pool];
    const unsigned chosen = p.lanes == 1                          ? 0
                            : p.choice == LaneChoice::by_customer ? id % p.lanes
                                                                  : random_.below(p.lanes);
    customers_[id].lane[pool] = chosen;
    Lane& lane = lanes_[pool][chosen];
    settle(pool);
    if (lane.busy == p.servers) {
      (step.first ? lane.first : lane.waiting).push(id);
      usage_[pool].waiting++;
      return false;
    }
    lane.busy++;
    usage_[pool].busy++;
    return true;
  }

  void release(std::size_t pool, unsigned chosen) {
    Lane& lane = lanes_[pool][chosen];
    settle(pool);
    if (!lane.is_waited_for()) {
      lane.busy--;
      usage_[pool].busy--;
      return;
    }
    usage_[pool].waiting--;
    events_.push(now_, lane.next());
  }

  void settle(std::size_t pool) {
    Usage& u = usage_[pool];
    u.busy_time += u.busy * (now_ - u.since);
    u.waiting_time += u.waiting * (now_ - u.since);
    u.since = now_;
  }

  void complete(const Customer& c) {
    if (++completed_ < warm_up_) return;
    if (completed_ == warm_up_) return begin_measuring();
    const double response = now_ - c.began;
    responses_.push_back(response);
    batch_sum_ += response;
    if (responses_.size() % batch_) return;
    const auto size = static_cast<double>(batch_);
    batches_.push_back(batch_sum_ / size);
    batch_rates_.push_back(now_ > batch_from_ ? size / (now_ - batch_from_) : 0);
    batch_sum_ = 0;
    batch_from_ = now_;
  }

  void begin_measuring() {
    measured_from_ = batch_from_ = now_;
    for (Usage& u : usage_) u.busy_time = u.waiting_time = 0, u.since = now_;
  }

  static SimulationResult unsteady() {
    SimulationResult r;
    r.steady = false;
    return r;
  }

  SimulationResult result() {
    SimulationResult r;
    const double elapsed = now_ - measured_from_;
    r.throughput = static_cast<double>(responses_.size()) / elapsed;
    r.throughput_error = half_width(batch_rates_);
    r.response = mean(batches_);
    r.response_error = half_width(batches_);
    r.p50 = quantile(responses_, 0.5);
    r.p99 = quantile(responses_, 0.99);
    for (std::size_t i = 0; i < usage_.size(); i++) {
      settle(i);
      const double servers = static_cast<double>(plan_.pools[i].servers) * plan_.pools[i].lanes;
      r.pools.push_back({usage_[i].busy_time / elapsed / servers, usage_[i].waiting_time / elapsed});
    }
    return r;
  }

  const SimulationPlan& plan_;
  const SimulationOptions& options_;
  RandomStream random_;
  std::vector<Step> steps_;
  std::vector<std::vector<Lane>> lanes_;
  std::vector<Usage> usage_;
  std::vector<Customer> customers_;
  std::vector<std::uint32_t> free_;
  EventQueue events_;
  double now_ = 0;
  double measured_from_ = 0;
  std::uint64_t warm_up_ = 0;
  std::uint64_t completed_ = 0;
  std::size_t batch_ = 0;
  double batch_sum_ = 0;
  double batch_from_ = 0;
  std::vector<double> responses_;
  std::vector<double> batches_;
  std::vector<double> batch_rates_;
};

}  // namespace

Result<SimulationResult> simulate(const SimulationPlan& plan, const SimulationOptions& options) {
  if (Status status = check_plan(plan, options); !status) return status.error();
  return Simulator(plan, options).run();
}

}  // namespace plateau::model
