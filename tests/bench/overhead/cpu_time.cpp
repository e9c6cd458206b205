#include "overhead/cpu_time.h"

#include <unistd.h>

#include <array>
#include <ctime>
#include <fstream>
#include <string>

#include "base/clock.h"
#include "target/process.h"

namespace plateau::overhead {
std::vector<pid_t> process_tree(pid_t root) {
  std::vector<pid_t> tree;
  for (const auto& process : target::descendants({root}, target::all_processes()))
    tree.push_back(process.pid);
  return tree;
}

std::uint64_t cpu_ns(const std::vector<pid_t>& pids) {
  std::uint64_t sum = 0;
  for (const pid_t pid : pids) {
    clockid_t clock = 0;
    if (clock_getcpuclockid(pid, &clock) == 0) sum += clock_ns(clock);
  }
  return sum;
}

MachineTime machine_time() {
  std::ifstream in("/proc/stat");
  std::string label;
  in >> label;
  std::array<std::uint64_t, 8> ticks{};  // user nice system idle iowait irq softirq steal, proc(5)
  for (auto& value : ticks) in >> value;
  const std::uint64_t tick_ns = 1'000'000'000u / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  return {(ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) * tick_ns, ticks[7] * tick_ns};
}

}  // namespace plateau::overhead
