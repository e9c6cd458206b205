// Which Go processes are followed, from when they are found to when they end.
#include <bpf/bpf.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "probe/session.h"
#include "probe/session_state.h"

namespace plateau::probe {

void Session::State::adopt(std::vector<GoProcess>& fresh) {
  watch_stops(fresh);
  for (const GoProcess& process : fresh) {
    go_ends[process.pid] = Fd(static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0)));
    if (process.stops_told_from_ns) watched.push_back(process);
    go_processes.push_back(process);
  }
  seen_goroutines |= has_goroutines();
  set_ticking(has_goroutines());
}

// Without this every Go process that there has ever been would keep its probes' descriptors and its places in
// the maps.
void Session::State::drop_go(pid_t process) {
  if (go_ends.erase(process) == 0) return;
  forget_stops(process);
  std::erase_if(go_processes, [process](const GoProcess& known) { return known.pid == process; });
  const auto key = static_cast<std::uint32_t>(process);
  for (const bpf_map* map : {skeleton->maps.go_layouts, skeleton->maps.stops})
    (void)bpf_map_delete_elem(bpf_map__fd(map), &key);
}

void Session::State::drop_ended_go() {
  if (go_ends.empty()) return;
  std::vector<pollfd> ends;
  for (const auto& [process, end] : go_ends) ends.push_back({end.get(), POLLIN, 0});
  if (poll(ends.data(), ends.size(), 0) <= 0) return;
  std::vector<pid_t> ended;
  for (auto known = go_ends.begin(); known != go_ends.end(); ++known)
    if (ends[static_cast<std::size_t>(std::distance(go_ends.begin(), known))].revents)
      ended.push_back(known->first);
  const int targets = bpf_map__fd(skeleton->maps.targets);
  for (const pid_t process : ended) {
    drop_go(process);
    looked_for_go.erase(process);
    const auto key = static_cast<std::uint32_t>(process);
    (void)bpf_map_delete_elem(targets, &key);
  }
  set_ticking(has_goroutines());
}

void Session::take_watched(const std::function<void(const GoProcess&)>& sink) {
  for (const GoProcess& process : std::exchange(state_->watched, {})) sink(process);
}

}  // namespace plateau::probe
