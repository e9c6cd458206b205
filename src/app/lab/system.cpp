#include "app/lab/system.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "base/clock.h"

namespace plateau::app::lab {
namespace {

constexpr double kWorkingShare = 0.01;

// The number after `label` in a file of /proc whose lines begin with a name and a colon; 0 if there is none.
std::uint64_t field_of(const std::string& path, std::string_view label) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(label)) continue;
    const std::size_t digits = line.find_first_of("0123456789", label.size());
    std::uint64_t value = 0;
    if (digits != std::string::npos) std::from_chars(line.data() + digits, line.data() + line.size(), value);
    return value;
  }
  return 0;
}

std::uint64_t family_cpu_ns() {
  std::uint64_t sum = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime})
      sum += static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u +
             static_cast<std::uint64_t>(time.tv_usec) * 1000u;
  }
  return sum;
}

std::string processor() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("model name") && line.find(": ") != std::string::npos)
      return line.substr(line.find(": ") + 2);
  return "unknown processor";
}

}  // namespace

std::vector<int> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof(set), &set);
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
    if (CPU_ISSET(static_cast<std::size_t>(cpu), &set)) cpus.push_back(cpu);
  return cpus;
}

std::uint64_t cpu_ns_of(pid_t pid) {
  clockid_t clock = 0;
  return clock_getcpuclockid(pid, &clock) == 0 ? clock_ns(clock) : 0;
}

MachineTime machine_time() {
  std::ifstream in("/proc/stat");
  std::string label;
  in >> label;
  std::array<std::uint64_t, 8> ticks{};  // user nice system idle iowait irq softirq steal, proc(5)
  for (auto& value : ticks) in >> value;
  const std::uint64_t tick_ns = 1'000'000'000u / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  return {(ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) * tick_ns, (ticks[3] + ticks[4]) * tick_ns,
          ticks[7] * tick_ns};
}

MachineTime operator-(const MachineTime& after, const MachineTime& before) {
  return {after.busy_ns - before.busy_ns, after.idle_ns - before.idle_ns, after.steal_ns - before.steal_ns};
}

MachineFigures machine_figures(const MachineTime& during, double own_ns, double elapsed_ns) {
  const auto busy = static_cast<double>(during.busy_ns);
  const auto steal = static_cast<double>(during.steal_ns);
  const double all = busy + steal + static_cast<double>(during.idle_ns);
  MachineFigures figures;
  if (all <= 0 || elapsed_ns <= 0) return figures;
  figures.idle_share = static_cast<double>(during.idle_ns) / all;
  figures.free_share = std::clamp(1 - own_ns / all, 0.0, 1.0);
  figures.steal = steal / elapsed_ns;
  figures.others = std::max(0.0, busy - own_ns) / elapsed_ns;
  return figures;
}

MachineUse::MachineUse() : machine_(machine_time()), own_ns_(family_cpu_ns()), at_ns_(monotonic_ns()) {}

MachineFigures MachineUse::figures() const {
  return machine_figures(machine_time() - machine_, static_cast<double>(family_cpu_ns() - own_ns_),
                         static_cast<double>(monotonic_ns() - at_ns_));
}

Memory memory_of(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/status";
  return {field_of(path, "VmRSS:") * 1024, static_cast<unsigned>(field_of(path, "Threads:"))};
}

ThreadTimes thread_times(pid_t pid) {
  ThreadTimes times;
  times.at_ns = monotonic_ns();
  const std::string folder = "/proc/" + std::to_string(pid) + "/task";
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string path = entry.path().string();
    ThreadTime time;
    std::ifstream(path + "/schedstat") >> time.run_ns >> time.runnable_ns;
    time.sleeps = field_of(path + "/status", "voluntary_ctxt_switches:");
    times.threads[static_cast<pid_t>(std::stol(entry.path().filename()))] = time;
  }
  return times;
}

void add_sleeps(const ThreadTimes& before, const ThreadTimes& after, ProcessFigures& figures) {
  const auto elapsed = static_cast<double>(after.at_ns - before.at_ns);
  double asleep = 0;
  double sum = 0;
  std::uint64_t sleeps = 0;
  for (const auto& [tid, now] : after.threads) {
    const auto then = before.threads.find(tid);
    if (then == before.threads.end()) continue;
    const auto run = static_cast<double>(now.run_ns - then->second.run_ns);
    if (run < kWorkingShare * elapsed) continue;
    asleep += std::max(0.0, elapsed - run - static_cast<double>(now.runnable_ns - then->second.runnable_ns));
    sum += elapsed;
    sleeps += now.sleeps - then->second.sleeps;
  }
  if (sum <= 0) return;
  figures.blocked_share = asleep / sum;
  if (sleeps > 0) figures.sleep_ns = asleep / static_cast<double>(sleeps);
}

std::string machine_text() {
  utsname name{};
  uname(&name);
  return processor() + ", " + std::to_string(sysconf(_SC_NPROCESSORS_ONLN)) + " CPUs, Linux " + name.release;
}

}  // namespace plateau::app::lab
