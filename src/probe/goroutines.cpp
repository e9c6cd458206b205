// Go processes: where their runtime keeps what tells goroutines apart, and the tick that asks for it.
#include "probe/session.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bpf/go_layout.h"
#include "bpf/park_record.h"
#include "probe/session_state.h"

namespace plateau::probe {
namespace {

constexpr std::uint32_t kGoroutines = 16384;       // that have left their thread with a request unanswered
constexpr std::uint32_t kGoroutinesToCome = 4096;  // where Go is yet to be started
constexpr std::size_t kMostExecuted = 64;          // programs looked at at a time

pl_park park_of(target::GoWait wait) {
  switch (wait) {
    case target::GoWait::channel:
      return PL_PARK_CHANNEL;
    case target::GoWait::select:
      return PL_PARK_SELECT;
    case target::GoWait::sync:
      return PL_PARK_SYNC;
    case target::GoWait::network:
      return PL_PARK_NETWORK;
    case target::GoWait::timer:
      return PL_PARK_TIMER;
    case target::GoWait::gc:
      return PL_PARK_GC;
    case target::GoWait::other:
      break;
  }
  return PL_PARK_OTHER;
}

pl_go_layout layout_of(const target::GoRuntime& go, bool waits) {
  pl_go_layout layout{go.tls, go.layout.goid, go.layout.m, go.layout.curg, go.tells_stop_reason(), {}};
  if (!waits || go.waits.empty()) return layout;
  layout.parks[0] = 1;
  for (std::size_t i = 1; i < go.waits.size() && i < PL_GO_REASONS; i++)
    layout.parks[i] = static_cast<pl_u8>(park_of(go.waits[i]));
  return layout;
}

int open_clock(int cpu) {
  perf_event_attr attributes{};
  attributes.size = sizeof(attributes);
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_CPU_CLOCK;
  attributes.sample_period = PL_GO_TICK_NS;
  attributes.exclude_kernel = 1;
  attributes.exclude_idle = 1;
  return static_cast<int>(syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC));
}

}  // namespace

std::vector<GoProcess> Session::State::find_go(const std::vector<pid_t>& processes) {
  std::vector<GoProcess> fresh;
  for (const pid_t process : processes) {
    if (!looked_for_go.insert(process).second) continue;
    if (auto go = target::go_runtime_of(process)) fresh.push_back({process, std::move(*go), 0, {}});
  }
  return fresh;
}

void Session::State::size_goroutines() {
  bpf_map__set_max_entries(skeleton->maps.goroutines, has_goroutines() ? kGoroutines : kGoroutinesToCome);
  bpf_program__set_autoload(skeleton->progs.go_tick, !ticks_refused);
  bpf_program__set_autoload(skeleton->progs.go_exec, !ticks_refused);
  for (bpf_program* program : {skeleton->progs.go_world_stops, skeleton->progs.go_world_starts})
    bpf_program__set_autoload(program, tell_waits && stops_refused.empty());
}

bool Session::State::has_goroutines() const {
  return std::any_of(go_processes.begin(), go_processes.end(),
                     [](const GoProcess& process) { return process.go.has_goroutines(); });
}

Status Session::State::tell_layouts(const std::vector<GoProcess>& processes) {
  const int map = bpf_map__fd(skeleton->maps.go_layouts);
  for (const auto& process : processes) {
    if (!process.go.has_goroutines()) continue;
    const auto key = static_cast<std::uint32_t>(process.pid);
    const pl_go_layout layout = layout_of(process.go, tell_waits);
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
    Fd clock(fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0));
    bpf_link* link = fd < 0 ? nullptr : bpf_program__attach_perf_event(skeleton->progs.go_tick, fd);
    if (link) {
      ticks.push_back(link);
      tick_clocks.push_back(std::move(clock));
      continue;
    }
    if (fd >= 0) close(fd);
    ticks_refused = true;
    break;
  }
  if (!has_goroutines()) set_ticking(false);
}

// Nothing ticks where nobody is to be told apart. Needs no privilege, unlike opening a clock.
void Session::State::set_ticking(bool on) {
  for (const Fd& clock : tick_clocks)
    (void)ioctl(clock.get(), on ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0);
}

Result<std::vector<GoProcess>> Session::State::look_at_executed() {
  drop_ended_go();
  if (!bpf_program__autoload(skeleton->progs.go_exec)) return std::vector<GoProcess>();
  const int map = bpf_map__fd(skeleton->maps.executed);
  std::vector<pid_t> processes;
  std::uint32_t process = 0;
  while (processes.size() < kMostExecuted && bpf_map_lookup_and_delete_elem(map, nullptr, &process) == 0) {
    processes.push_back(static_cast<pid_t>(process));
    looked_for_go.erase(static_cast<pid_t>(process));
    drop_go(static_cast<pid_t>(process));
  }
  auto fresh = find_go(processes);
  if (fresh.empty()) return fresh;
  if (auto told = tell_layouts(fresh); !told) return told.error();
  const int targets = bpf_map__fd(skeleton->maps.targets);
  for (const GoProcess& go : fresh) {
    const auto key = static_cast<std::uint32_t>(go.pid);
    const std::uint8_t one = 1;
    if (bpf_map_update_elem(targets, &key, &one, BPF_ANY) != 0)
      return fail("too many processes to follow (8192 at most)");
  }
  if (auto found = run_iterator(skeleton->progs.find_threads); !found) return found.error();
  adopt(fresh);
  return fresh;
}

}  // namespace plateau::probe
