#include "app/observer.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "app/peer_facts.h"
#include "attribution/summary.h"
#include "base/clock.h"
#include "target/runtime.h"
#include "target/sockets.h"

namespace plateau::app {
namespace {

constexpr std::uint64_t kBypassesNs = 30'000'000'000;

double agent_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// `twice`: bytes of it that are mapped two times.
std::uint64_t resident_bytes(std::uint64_t twice) {
  std::ifstream in("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  in >> size >> resident;
  const std::uint64_t mapped = resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return mapped - std::min(mapped, twice);
}

// All of them, not those that this process may run on.
std::uint32_t machine_cpus() {
  return static_cast<std::uint32_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
}

// That at least one of the processes' first threads may run on; 0: not known.
std::uint32_t allowed_cpus(const std::vector<pid_t>& roots) {
  cpu_set_t all;
  CPU_ZERO(&all);
  for (const auto& process : target::descendants(roots, target::all_processes())) {
    cpu_set_t one;
    if (sched_getaffinity(process.pid, sizeof(one), &one) != 0) return 0;
    CPU_OR(&all, &all, &one);
  }
  return static_cast<std::uint32_t>(CPU_COUNT(&all));
}

std::vector<wire::ProviderFact> providers_of(const probe::Plan& plan) {
  std::vector<wire::ProviderFact> facts;
  for (const auto& choice : plan.choices)
    facts.push_back({choice.signal->name, choice.provider, choice.reason,
                     choice.available || !choice.wanted ? "" : choice.signal->without});
  return facts;
}

// The kernel side closes the books on a contended stretch when it ends: one that lasts is added here.
std::vector<probe::LockEntry> read_locks(const probe::Session& session) {
  auto locks = session.locks();
  const std::uint64_t now = monotonic_ns();
  for (auto& entry : locks)
    if (entry.value.waiting > 0 && now > entry.value.contended_since)
      entry.value.contended_ns += now - entry.value.contended_since;
  return locks;
}

}  // namespace

Observer::CpuTimes Observer::machine_times() {
  std::ifstream in("/proc/stat");
  std::string label;
  in >> label;
  CpuTimes times;
  std::uint64_t value = 0;
  for (int field = 0; field < 8 && in >> value; field++) {
    times.all += value;
    if (field != 3 && field != 4) times.busy += value;  // idle and iowait, proc(5)
  }
  return times;
}

void Observer::look_at_processes(wire::Facts& facts) {
  decltype(process_ticks_) now;
  std::uint32_t threads = 0;
  for (const auto& process : target::descendants(roots_, target::all_processes())) {
    const std::pair key{process.pid, process.start_ticks};
    const auto before = process_ticks_.find(key);
    const std::uint64_t known = before == process_ticks_.end() ? 0 : before->second;
    if (process.cpu_ticks > known) target_ticks_ += process.cpu_ticks - known;
    now[key] = process.cpu_ticks;
    threads += process.threads;
  }
  process_ticks_ = std::move(now);
  if (process_ticks_.empty()) return;  // all gone: the last numbers stand
  facts.processes = static_cast<std::uint32_t>(process_ticks_.size());
  facts.threads = threads;
}

void Observer::look_at_bypasses() {
  const std::uint64_t now = monotonic_ns();
  if (now < bypasses_due_ns_) return;
  bypasses_due_ns_ = now + kBypassesNs;
  bypasses_.look(target::descendants(roots_, target::all_processes()));
}

Observer::Observer(probe::Session& session, const probe::Plan& plan, std::vector<pid_t> roots,
                   double max_cost)
    : session_(session), roots_(std::move(roots)) {
  window_.bound = max_cost;
  first_.version = PLATEAU_VERSION;
  first_.kernel = plan.kernel;
  first_.providers = providers_of(plan);
  first_.detail = probe::kDetailNames[static_cast<std::size_t>(plan.detail)];
  first_.cpus = machine_cpus();
  first_.allowed_cpus = allowed_cpus(roots_);
  first_.realtime_offset_ns = realtime_offset_ns();
  for (const pid_t pid : roots_) first_.pids.push_back(pid);
  for (const auto& process : target::descendants(roots_, target::all_processes())) {
    if (first_.comm.empty()) {
      first_.comm = process.comm;
      first_.executable = target::executable_of(process.pid);
      first_.runtime = target::runtime_name(target::runtime_of(process.pid));
    }
    for (const std::string& place : target::sockets_of(process.pid).places())
      if (std::find(first_.listening.begin(), first_.listening.end(), place) == first_.listening.end())
        first_.listening.push_back(place);
  }
  sockets_.start(target::descendants(roots_, target::all_processes()));
  look_at_bypasses();
  first_.view = bypasses_.fact();
  bypasses_due_ns_ = 0;
  look_at_processes(first_);
  target_ticks_ = 0;
  machine_ = machine_times();
  counters_ = session_.counters();
  kernel_locks_.start(session_);
  locks_ = read_locks(session_);
  agent_cpu_s_ = agent_cpu_seconds();
  first_.start_ns = first_.end_ns = monotonic_ns();
}

void Observer::tick() {
  sockets_.tick(monotonic_ns());
  session_.take_ended_loops([this](const pl_loop& loop) { loops_.ended(loop); });
}

void Observer::follow(std::vector<pid_t> roots) {
  roots_ = std::move(roots);
  first_.pids.assign(roots_.begin(), roots_.end());
  bypasses_due_ns_ = 0;
}

void Observer::set_cost_window(std::uint64_t window_ns, std::uint64_t run_ns, std::uint64_t requests) {
  window_.window_ns = window_ns;
  window_.window_run_ns = run_ns;
  window_.window_requests = requests;
}

std::uint64_t Observer::target_cpu_ns() {
  wire::Facts discarded;
  look_at_processes(discarded);
  return target_ticks_ * (1'000'000'000u / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK)));
}

void Observer::set_pauses(double full_cost, std::uint64_t paused_ns, std::uint64_t open_ns) {
  window_.full = full_cost;
  window_.paused_ns = paused_ns;
  open_pause_ns_ = open_ns;
}

wire::Facts Observer::quick_facts() const {
  wire::Facts facts = first_;
  facts.end_ns = monotonic_ns();
  facts.cost = window_;
  if (open_pause_ns_ != 0) facts.cost.paused_ns += facts.end_ns - open_pause_ns_;
  const auto counters = session_.counters();
  for (std::size_t i = 0; i < counters.size(); i++) facts.counters[i] = counters[i] - counters_[i];
  return facts;
}

void Observer::tell_locks(wire::Facts& facts) const {
  std::map<std::pair<std::uint64_t, std::uint32_t>, pl_lock> before;
  for (const auto& entry : locks_) before[{entry.key.futex, entry.key.tgid}] = entry.value;
  for (const auto& entry : read_locks(session_)) {
    const pl_lock during = attribution::lock_growth(before[{entry.key.futex, entry.key.tgid}], entry.value);
    if (during.waits) facts.locks.push_back({entry.key.futex, entry.key.tgid, during});
  }
  std::sort(facts.locks.begin(), facts.locks.end(), [](const wire::LockFact& a, const wire::LockFact& b) {
    return std::tie(b.during.wait_ns, a.futex) < std::tie(a.during.wait_ns, b.futex);
  });
}

// What the kernel side counts is held against the requests that were taken from the ring a moment ago: it is
// read first, and what takes milliseconds (processes, sockets) after it.
wire::Facts Observer::facts() {
  auto kernel_locks = kernel_locks_.facts(session_);  // before the counters, which are not to be less
  wire::Facts facts = quick_facts();
  facts.kernel_locks = std::move(kernel_locks);
  facts.complete = true;
  facts.peers = peer_facts(session_.peers());
  facts.lost_peer_calls = session_.lost_peer_calls();
  tell_locks(facts);
  look_at_processes(facts);
  look_at_bypasses();
  facts.view = bypasses_.fact();
  sockets_.look(target::descendants(roots_, target::all_processes()));
  sockets_.tell(facts);
  session_.take_ended_loops([this](const pl_loop& loop) { loops_.ended(loop); });
  facts.loops = loops_.facts(session_.loops(), session_.listeners(), monotonic_ns());
  facts.target_cpu_s = static_cast<double>(target_ticks_) / static_cast<double>(sysconf(_SC_CLK_TCK));
  const CpuTimes machine = machine_times();
  if (machine.all > machine_.all)
    facts.machine_busy =
        static_cast<double>(machine.busy - machine_.busy) / static_cast<double>(machine.all - machine_.all);
  facts.cost.agent_cpu_s = agent_cpu_seconds() - agent_cpu_s_;
  facts.cost.agent_rss_bytes = resident_bytes(session_.ring_bytes());  // libbpf maps it twice, all of it
  for (const auto& program : session_.costs()) facts.cost.missed += program.missed;
  return facts;
}

}  // namespace plateau::app
