// Stops of the world in Go processes: two probes on the runtime's own functions.
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/clock.h"
#include "probe/go_probes.h"
#include "probe/session.h"
#include "probe/session_state.h"
#include "target/go_functions.h"

namespace plateau::probe {

std::string go_probes_problem(const Plan& plan, pid_t process, const target::GoRuntime& go) {
  if (!go.has_goroutines()) return "its goroutines are not told apart";
  if (!plan.go_refused.empty()) return plan.go_refused;
  if (access("/sys/bus/event_source/devices/uprobe/type", R_OK) != 0) return "this kernel has no uprobes";
  const auto places = target::go_stop_places_of(process);
  return places ? "" : places.error().message;
}

void Session::State::watch_stops(std::vector<GoProcess>& processes) {
  if (!tell_waits) return;
  for (GoProcess& process : processes) {
    if (!process.go.has_goroutines()) continue;
    forget_stops(process.pid);  // of another program that it was
    if (!stops_refused.empty()) {
      process.stops_problem = stops_refused;
      continue;
    }
    const auto places = target::go_stop_places_of(process.pid);
    if (!places) {
      process.stops_problem = places.error().message;
      continue;
    }
    if (before_uprobes) before_uprobes(process);
    const std::string path = "/proc/" + std::to_string(process.pid) + "/exe";
    // The end first: a beginning without one would go on for good.
    for (const auto& [program, place] : {std::pair(skeleton->progs.go_world_starts, places->starts),
                                         std::pair(skeleton->progs.go_world_stops, places->stops)}) {
      bpf_link* link = bpf_program__attach_uprobe(program, false, process.pid, path.c_str(), place);
      if (link)
        stop_probes.push_back({process.pid, link});
      else if (process.stops_problem.empty())
        process.stops_problem = std::string("the kernel refuses the probes: ") + strerror(errno);
    }
    if (process.stops_problem.empty())
      process.stops_told_from_ns = monotonic_ns();
    else
      forget_stops(process.pid);
  }
}

void Session::State::forget_stops(pid_t process) {
  std::erase_if(stop_probes, [&](const StopProbe& probe) {
    if (probe.pid != process) return false;
    bpf_link__destroy(probe.link);
    return true;
  });
}

}  // namespace plateau::probe
