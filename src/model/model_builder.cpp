#include "model/model_builder.h"

#include <algorithm>
#include <cmath>

#include "base/units.h"
#include "model/capture_view.h"
#include "model/downstream_demand.h"
#include "model/load_model.h"
#include "model/lock_demand.h"
#include "model/pool_lock.h"
#include "model/prediction.h"
#include "model/variability.h"

namespace plateau::model {
namespace {

using attribution::Stage;

constexpr std::uint64_t kShortest = 1'000'000;  // ns
constexpr double kQueueing = 0.1;               // share of latency from which a queue for workers shows
constexpr double kTickError = 0.05;             // of CPU time
constexpr double kContended = 0.9;  // of the time: from here on hand-overs account for all of a lock's use
constexpr double kLeast = 1e-9;     // s, below which a stage is left out

class Builder {
 public:
  Builder(const attribution::Summary& summary, const Supplement& supplement)
      : view_(summary), supplement_(supplement) {}

  BuiltModel build() {
    observe();
    model_.load = load_of(view_, supplement_, model_.unknowns);
    workers();
    locks_ = lock_centers(view_, supplement_, model_.unknowns);
    take_out_pools();
    cpu();
    downstream();
    waits();
    leave_out_what_locks_contain();
    model_.centers.insert(model_.centers.end(), locks_.begin(), locks_.end());
    leave_out_own_cpu_queue();
    variability();
    return {std::move(model_), checks()};
  }

 private:
  void observe() {
    model_.observed = {view_.throughput(), view_.response(), view_.quantile(0.5), view_.quantile(0.99)};
  }

  void workers() {
    const auto& threads = view_.summary().threads;
    const bool queued = view_.share({Stage::busy_loop, Stage::accept_wait}) > kQueueing;
    const bool handed = view_.share({Stage::handoff}) > kQueueing;
    if (threads.size() != 1 && !queued && !handed) return;
    if (threads.empty()) return;
    Workers workers;
    workers.count = static_cast<unsigned>(threads.size());
    workers.pinned = supplement_.connections_pinned.value_or(!handed) && threads.size() > 1;
    if (workers.count > 1 && !supplement_.connections_pinned)
      model_.unknowns.push_back({"whether a connection stays with one of the threads",
                                 workers.pinned ? "taken to stay" : "taken to change",
                                 "see the threads' shares of the answers under uneven load"});
    model_.workers = workers;
  }

  // Locks by which the places of a connection pool are handed over.
  void take_out_pools() {
    std::erase_if(locks_, [&](const ServiceCenter& lock) {
      const auto* stats = stats_of(lock);
      if (!stats || !guards_pool(view_, *stats)) return false;
      pool_.seen = true;
      pool_.waited_for = std::max(pool_.waited_for, contended_share(*stats, view_));
      return true;
    });
  }

  const attribution::LockStats* stats_of(const ServiceCenter& lock) const {
    for (const auto& stats : view_.summary().locks)
      if (stats.futex == lock.futex && stats.tgid == lock.tgid) return &stats;
    return nullptr;
  }

  void cpu() {
    const auto& f = view_.summary().facts;
    const bool complete = f.complete && f.target_cpu_s > 0;
    const double seen = computed(view_);
    const double all = complete ? std::max(view_.per_request(f.target_cpu_s * 1e9), kLeast) : seen;
    if (all <= kLeast) return;
    ServiceCenter center;
    center.name = "cpu";
    center.role = Role::cpu;
    center.demand = {all, all * (1 - kTickError), all * (1 + kTickError)};
    center.servers = supplement_.cpus.value_or(std::max(1u, f.allowed_cpus ? f.allowed_cpus : f.cpus));
    center.after_answer = std::max(0.0, all - seen);
    center.evidence = complete
                          ? "CPU time of the server's processes over " + format_count(count()) + " requests"
                          : "the requests' own CPU time: the capture was cut off";
    center.scv =
        kUsualVariation + view_.variation({Stage::cpu, Stage::copy_in, Stage::copy_out, Stage::tcp_send});
    if (complete) center.slowdown = slowdown_of(view_, all + model_.load.client_cpu.value);
    parts(center);
    if (!supplement_.cpus && !f.allowed_cpus)
      model_.unknowns.push_back(
          {"whether the server may use all CPUs", "taken so", "see its affinity and quota"});
    model_.centers.push_back(std::move(center));
  }

  void parts(ServiceCenter& cpu) const {
    const auto add = [&](CpuCost cost, double seconds) {
      cpu.parts.push_back({cost, std::min(seconds, cpu.demand.value)});
    };
    if (const double copies = view_.stage({Stage::copy_out}); copies > 0) add(CpuCost::copy, copies);
    if (const double sends = view_.stage({Stage::tcp_send}); sends > 0) add(CpuCost::tcp_send, sends);
    if (const double probes = probes_cpu(view_); probes > 0) add(CpuCost::probes, probes);
    if (supplement_.allocation_cpu) add(CpuCost::allocation, *supplement_.allocation_cpu);
    if (supplement_.handshake_cpu) add(CpuCost::handshake, *supplement_.handshake_cpu);
  }

  void downstream() {
    if (auto center = downstream_center(view_, supplement_, pool_, model_.unknowns))
      model_.centers.push_back(std::move(*center));
  }

  void wait(const char* name, std::initializer_list<Stage> stages, bool holds_worker = true) {
    if (view_.stage(stages) <= kLeast) return;
    ServiceCenter center;
    center.name = name;
    center.role = Role::wait;
    center.demand = measured(view_.stage(stages));
    center.scv = kUsualVariation + view_.variation(stages);
    center.holds_worker = holds_worker;
    center.evidence = "stage of the budget";
    model_.centers.push_back(std::move(center));
  }

  void waits() {
    if (!cpus_contended(view_)) wait("wakeup", {Stage::wakeup}, false);
    if (!model_.workers) wait("accept_wait", {Stage::accept_wait}, false);
    if (!model_.workers) wait("handoff", {Stage::handoff}, false);
    if (!cpus_contended(view_)) wait("runqueue", {Stage::runqueue});
    wait("sleep", {Stage::sleep});
    wait("page_fault", {Stage::page_fault});
    wait("disk", {Stage::disk});
    wait("lock_kernel", {Stage::lock_kernel, Stage::lock_socket});
    wait("send_wait", {Stage::send_wait});
    wait("parked", {Stage::parked});
    // The moment of an accept is not known: what lies between its bounds is before the thread's turn.
    wait("unattributed", {Stage::unattributed}, view_.share({Stage::accept_wait}) < kQueueing);
    if (const ServiceCenter* d = model_.find("downstream"); !d || d->servers == 0) wait_for_signals();
  }

  void wait_for_signals() {
    wait("signalled", {Stage::lock_user});
    if (ServiceCenter* center = model_.find("signalled")) center->demand = measured(signalled(view_));
  }

  // While it holds a lock a request computes and sleeps: that time is in the lock's demand, and in the
  // stages. Where the holder's computing is not known, what it sleeps and waits for a CPU is taken to be
  // inside first.
  void leave_out_what_locks_contain() {
    double asleep = 0, held = 0, held_asleep = 0;
    for (const ServiceCenter& c : model_.centers)
      if (inside_locks(c)) asleep += c.demand.value;
    for (const ServiceCenter& lock : locks_) held += lock.demand.value;
    const double work = computed(view_);
    const double inside = std::clamp(held - asleep, 0.0, work);
    for (ServiceCenter& lock : locks_) {
      if (!has_detail(lock)) lock.on_cpu = inside * lock.demand.value / held;
      held_asleep += lock.demand.value - lock.on_cpu;
    }
    limit_computing(work);
    const double kept = asleep > 0 ? std::max(0.0, 1 - held_asleep / asleep) : 1;
    for (ServiceCenter& c : model_.centers)
      if (inside_locks(c)) c.demand = scaled(c.demand, kept);
    if (std::any_of(locks_.begin(), locks_.end(), [&](const auto& lock) { return !has_detail(lock); }))
      model_.unknowns.push_back({"whether the holders of the locks compute or sleep",
                                 "what a request sleeps is taken to be inside first",
                                 "take stacks of their CPU time and of their sleep"});
  }

  // Of the waits for a CPU, those that the model makes by itself: other programs cause the rest.
  void leave_out_own_cpu_queue() {
    ServiceCenter* waits = model_.find("runqueue");
    if (!waits || !model_.cpu()) return;
    const double all = waits->demand.value;
    waits->demand = known(0);
    const SimulationPlan plan = plan_of(model_);
    const auto result = simulate(plan, {1, 2'000, 10'000});
    if (!result || !result->steady || result->throughput <= 0) return;
    for (std::size_t i = 0; i < plan.pools.size(); i++)
      if (plan.pools[i].name == model_.cpu()->name)
        waits->demand = measured(std::max(0.0, all - result->pools[i].queue / result->throughput));
  }

  // No more in all locks together than the request computes.
  void limit_computing(double computed) {
    double sum = 0;
    for (const ServiceCenter& lock : locks_) sum += lock.on_cpu;
    if (sum <= computed) return;
    for (ServiceCenter& lock : locks_) lock.on_cpu *= computed / sum;
  }

  static bool inside_locks(const ServiceCenter& c) {
    return c.role == Role::wait && (c.name == "runqueue" || c.name == "sleep" || c.name == "disk" ||
                                    c.name == "page_fault" || c.name == "lock_kernel");
  }

  bool has_detail(const ServiceCenter& lock) const {
    return std::any_of(supplement_.locks.begin(), supplement_.locks.end(), [&](const LockDetail& d) {
      return d.futex == lock.futex && d.tgid == lock.tgid && d.on_cpu;
    });
  }

  void variability() {
    const auto fitted = fit_variability(model_);
    model_.unknowns.push_back({"how much the demands vary from one request of a route to the next",
                               fitted && *fitted ? "chosen so that today's p50 and p99 come out best"
                                                 : "taken as little, for queues hide it today",
                               "capture under little load"});
  }

  std::vector<LawCheck> checks() const {
    Measurement m;
    m.throughput = view_.throughput();
    for (const auto& lock : locks_)
      if (const auto* stats = stats_of(lock); stats && contended_share(*stats, view_) >= kContended)
        m.devices.push_back(
            {lock.name, handed_over_demand(*stats, view_), 1, contended_share(*stats, view_)});
    if (model_.workers)
      m.devices.push_back({"workers", time_with_worker(), model_.workers->count, busy_share()});
    return check_laws(m, kLawTolerance);
  }

  double time_with_worker() const {
    const ServiceCenter* cpu = model_.cpu();
    return view_.response() -
           view_.stage({Stage::wakeup, Stage::busy_loop, Stage::accept_wait, Stage::handoff}) +
           (cpu ? cpu->after_answer : 0);
  }

  double busy_share() const {
    double busy = 0;
    for (const auto& thread : view_.summary().threads)
      busy += thread.busy() * static_cast<double>(thread.elapsed_ns) / 1e9;
    const double span = static_cast<double>(view_.summary().span_ns()) / 1e9;
    return busy / span / static_cast<double>(view_.summary().threads.size());
  }

  std::uint64_t count() const { return view_.summary().total.count + view_.summary().unmeasured; }

  CaptureView view_;
  const Supplement& supplement_;
  ServiceModel model_;
  std::vector<ServiceCenter> locks_;
  PoolSigns pool_;
};

}  // namespace

Result<BuiltModel> build_model(const attribution::Summary& summary, const Supplement& supplement) {
  if (summary.total.count < kFewestRequests)
    return fail("only " + format_count(summary.total.count) +
                " requests were seen, too few for a model: capture for longer or under load");
  if (summary.interval_ns < kShortest)
    return fail("the requests came within a millisecond: capture for longer");
  return Builder(summary, supplement).build();
}

}  // namespace plateau::model
