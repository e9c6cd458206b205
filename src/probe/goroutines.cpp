// Go processes: where their runtime keeps what tells goroutines apart, and the tick that asks for it.
#include "probe/session.h"

#include <bpf/bpf.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "probe/session_state.h"

namespace plateau::probe {
namespace {

constexpr std::uint32_t kGoroutines = 16384;        // that have left their thread with a request unanswered
constexpr std::uint64_t kTickPeriodNs = 1'000'000;  // of a CPU's time

pl_go_layout layout_of(const target::GoRuntime& go) {
  return {go.tls, go.layout.goid, go.layout.m, go.layout.curg};
}

int open_clock(int cpu) {
  perf_event_attr attributes{};
  attributes.size = sizeof(attributes);
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_CPU_CLOCK;
  attributes.sample_period = kTickPeriodNs;
  attributes.exclude_kernel = 1;
  attributes.exclude_idle = 1;
  return static_cast<int>(syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC));
}

}  // namespace

std::vector<GoProcess> Session::State::find_go(const std::vector<pid_t>& processes) {
  std::vector<GoProcess> fresh;
  for (const pid_t process : processes) {
    if (!looked_for_go.insert(process).second) continue;
    if (auto go = target::go_runtime_of(process)) fresh.push_back({process, std::move(*go)});
  }
  return fresh;
}

void Session::State::size_goroutines() {
  const bool any = std::any_of(go_processes.begin(), go_processes.end(),
                               [](const GoProcess& process) { return process.go.has_goroutines(); });
  if (any) bpf_map__set_max_entries(skeleton->maps.goroutines, kGoroutines);
  bpf_program__set_autoload(skeleton->progs.go_tick, any && !ticks_refused);
  bpf_program__set_autoload(skeleton->progs.go_exec, any && !ticks_refused);
}

Status Session::State::tell_layouts(const std::vector<GoProcess>& processes) {
  const int map = bpf_map__fd(skeleton->maps.go_layouts);
  for (const auto& process : processes) {
    if (!process.go.has_goroutines()) continue;
    const auto key = static_cast<std::uint32_t>(process.pid);
    const pl_go_layout layout = layout_of(process.go);
    if (bpf_map_update_elem(map, &key, &layout, BPF_ANY) != 0)
      return fail("too many Go processes to follow (8192 at most)");
  }
  return success();
}

// What keeps the books of goroutines right between receives and sends. Without the tick a goroutine that
// hands its thread to another one unseen keeps that one's time.
void Session::State::start_ticks() {
  if (!bpf_program__autoload(skeleton->progs.go_tick)) return;
  if (bpf_link* exec = bpf_program__attach(skeleton->progs.go_exec)) ticks.push_back(exec);
  const int cpus = libbpf_num_possible_cpus();
  for (int cpu = 0; cpu < cpus; cpu++) {
    const int fd = open_clock(cpu);
    if (fd < 0 && errno == ENODEV) continue;  // not on line
    bpf_link* link = fd < 0 ? nullptr : bpf_program__attach_perf_event(skeleton->progs.go_tick, fd);
    if (link) {
      ticks.push_back(link);
      continue;
    }
    if (fd >= 0) close(fd);
    ticks_refused = true;
    return;
  }
}

}  // namespace plateau::probe
