#include "model/verdict.h"

#include <algorithm>

#include "model/capture_view.h"
#include "model/cause_rules.h"
#include "model/pool_lock.h"

namespace plateau::model {
namespace {

using attribution::LockStats;
using attribution::Stage;
using attribution::Summary;
using attribution::ThreadStats;

double ratio(double a, double b) {
  return b > 0 ? a / b : 0;
}

double stage_share(const Summary& summary, std::initializer_list<Stage> stages) {
  std::uint64_t sum = 0;
  for (const Stage stage : stages) sum += summary.total.stage_ns[attribution::index(stage)];
  return ratio(static_cast<double>(sum), static_cast<double>(summary.total.latency_ns));
}

double capture_ns(const Summary& summary) {
  const auto& facts = summary.facts;
  return static_cast<double>(facts.end_ns > facts.start_ns ? facts.end_ns - facts.start_ns
                                                           : summary.loaded_ns());
}

// A sum over the capture per second of load. Counters of locks and CPU time run from the capture's start to
// its end; the load may begin later and end before, and requests that were under way reach back beyond the
// start.
double at_a_time(double ns, const Summary& summary) {
  return ratio(ns, std::min(capture_ns(summary), static_cast<double>(summary.loaded_ns())));
}

// Each hand-over occupies the lock from one owner's waking to its passing on, so hand-overs per second times
// that is the share of time in which the lock was the one thing that everybody waited for.
// Where a woken thread is overtaken by others that find the lock free, most holds are ended by nobody's
// waking: then the time in which somebody waited, which the lock was in use for, says more by the utilisation
// law.
Ceiling lock_ceiling(const LockStats& lock, const Summary& summary) {
  Ceiling c;
  c.resource = Resource::lock;
  c.futex = lock.futex;
  c.tgid = lock.tgid;
  const auto service = static_cast<double>(lock.service_ns);
  const double visits =
      ratio(at_a_time(static_cast<double>(lock.handovers) * 1e9, summary), summary.throughput());
  c.utilisation = std::min(1.0, at_a_time(static_cast<double>(lock.contended_ns), summary));
  const double in_use = ratio(c.utilisation * 1e9, summary.throughput());
  const double demand = std::max({service * visits, in_use, 1e-9});
  c.demand_ns = static_cast<std::uint64_t>(demand);
  c.per_second = ratio(1e9, demand);
  std::uint64_t owed = 0;
  for (const auto& other : summary.locks) owed += other.owed_wait_ns;
  c.latency_share = stage_share(summary, {Stage::lock_user}) *
                    ratio(static_cast<double>(lock.owed_wait_ns), static_cast<double>(owed));
  if (!lock.holders.empty()) c.holder = attribution::holder_function(lock.holders.front());
  return c;
}

// A thread that answers for several connections serves them one after the other. Where each connection has a
// thread of its own, a busy thread is no ceiling: there are always more.
Ceiling loop_ceiling(const ThreadStats& thread, const Summary& summary) {
  Ceiling c;
  c.resource = Resource::loop;
  c.tid = thread.tid;
  const double busy_ns = thread.busy() * static_cast<double>(thread.elapsed_ns);
  c.utilisation = std::min(1.0, ratio(busy_ns, static_cast<double>(summary.span_ns())));
  c.demand_ns =
      static_cast<std::uint64_t>(ratio(busy_ns, static_cast<double>(thread.answered) / summary.watched()));
  const double share = ratio(static_cast<double>(thread.answered), static_cast<double>(summary.total.count));
  c.per_second = ratio(1e9, static_cast<double>(c.demand_ns) * share);
  c.latency_share = stage_share(summary, {Stage::busy_loop, Stage::accept_wait, Stage::wakeup});
  return c;
}

bool serves_many(const Summary& summary) {
  return !summary.threads.empty() &&
         (summary.threads.size() == 1 || stage_share(summary, {Stage::busy_loop, Stage::accept_wait}) > 0.1);
}

// CPUs that the target may run on.
unsigned usable_cpus(const wire::Facts& facts) {
  return facts.allowed_cpus ? std::min(facts.allowed_cpus, facts.cpus) : facts.cpus;
}

// What the CPUs that the target may run on are busy at the least, whoever uses them: as much of what the
// machine is busy as the other CPUs cannot account for.
double surely_busy(const wire::Facts& facts, unsigned cpus) {
  const double others = static_cast<double>(facts.cpus - cpus);
  return std::max(0.0, ratio(facts.machine_busy * static_cast<double>(facts.cpus) - others, cpus));
}

Ceiling cpu_ceiling(const Summary& summary) {
  Ceiling c;
  c.resource = Resource::cpu;
  const double seconds = capture_ns(summary) / 1e9;
  const unsigned cpus = usable_cpus(summary.facts);
  const double own = ratio(summary.facts.target_cpu_s, seconds * cpus);
  c.utilisation = std::min(1.0, std::max(surely_busy(summary.facts, cpus), own));
  const double demand_s = ratio(at_a_time(summary.facts.target_cpu_s * 1e9, summary), summary.throughput());
  c.demand_ns = static_cast<std::uint64_t>(demand_s * 1e9 + 0.5);
  c.per_second = ratio(cpus, demand_s);
  c.latency_share = stage_share(summary, {Stage::runqueue, Stage::cpu});
  return c;
}

// What was served can be served: where a demand says less it was measured too high, as of hand-overs that
// were read a little later than the requests.
void raise_to_throughput(std::vector<Ceiling>& ceilings, double throughput) {
  for (Ceiling& c : ceilings) {
    if (c.per_second >= throughput || throughput <= 0) continue;
    c.demand_ns = static_cast<std::uint64_t>(static_cast<double>(c.demand_ns) * c.per_second / throughput);
    c.per_second = throughput;
  }
}

// Whether the first ceiling is reached, and who waits for it.
void tell_first(const Summary& summary, Verdict& verdict) {
  const Ceiling& first = verdict.ceilings.front();
  verdict.bound = first.utilisation >= kSaturated;
  if (first.resource != Resource::lock) return;
  for (const auto& lock : summary.locks)
    if (lock.futex == first.futex && lock.tgid == first.tgid)
      verdict.waiting = at_a_time(static_cast<double>(lock.wait_ns), summary);
}

}  // namespace

const char* resource_name(Resource resource) {
  switch (resource) {
    case Resource::lock:
      return "lock";
    case Resource::loop:
      return "loop";
    case Resource::cpu:
      break;
  }
  return "cpu";
}

Verdict judge(const Summary& summary) {
  Verdict verdict;
  verdict.throughput = summary.throughput();
  verdict.cpu_idle = std::max(0.0, 1 - summary.facts.machine_busy);
  if (summary.total.count == 0) return verdict;
  const CaptureView view(summary);
  for (const auto& lock : summary.locks)
    if (lock.is_mutex() && lock.handovers * 20 >= summary.total.count && !guards_pool(view, lock))
      verdict.ceilings.push_back(lock_ceiling(lock, summary));
  if (serves_many(summary)) verdict.ceilings.push_back(loop_ceiling(summary.threads.front(), summary));
  if (summary.facts.complete && summary.facts.target_cpu_s > 0)
    verdict.ceilings.push_back(cpu_ceiling(summary));
  raise_to_throughput(verdict.ceilings, verdict.throughput);
  // A saturated resource binds before one that merely has a lower bound. Of several saturated ones (other
  // programs may use up the CPUs) it is the one that requests wait for most; else the lower bound comes
  // first.
  std::stable_sort(verdict.ceilings.begin(), verdict.ceilings.end(), [](const Ceiling& a, const Ceiling& b) {
    const bool a_full = a.utilisation >= kSaturated, b_full = b.utilisation >= kSaturated;
    if (a_full != b_full) return a_full;
    return a_full ? a.latency_share > b.latency_share : a.per_second < b.per_second;
  });
  if (!verdict.ceilings.empty()) tell_first(summary, verdict);
  verdict.findings = findings_of(summary, verdict);
  return verdict;
}

}  // namespace plateau::model
