// What a session holds: the loaded programs, their links and the ring. Private to src/probe's session files.
#pragma once

#include <bpf/libbpf.h>

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/fd.h"
#include "plateau.skel.h"
#include "probe/session.h"

namespace plateau::probe {

struct Session::State {
  plateau_bpf* skeleton = nullptr;
  struct Link {
    const Signal* signal;
    const Hook* hook;
    bpf_link* link;  // null: off
  };
  std::vector<Link> links;
  std::vector<bpf_link*> events;  // one a CPU and kind, while a profile is taken
  ring_buffer* ring = nullptr;
  const std::function<void(std::span<const std::byte>)>* sink = nullptr;
  Fd statistics;
  std::unordered_set<std::uint32_t> stacks_seen;
  std::uint32_t loops_taken = 0;  // of those that have ended
  std::vector<GoProcess> go_processes;
  std::map<pid_t, Fd> go_ends;     // of each of them; readable once it has ended
  std::vector<GoProcess> watched;  // not handed out yet: take_watched()
  bool seen_goroutines = false;    // some process of Go's has been among them
  std::unordered_set<pid_t> looked_for_go;
  bool tell_waits = false;  // what goroutines wait for
  std::vector<bpf_link*> ticks;
  std::vector<Fd> tick_clocks;
  bool ticks_refused = false;
  // On the runtimes of Go processes.
  struct StopProbe {
    pid_t pid;
    bpf_link* link;
  };
  std::vector<StopProbe> stop_probes;
  std::string stops_refused;  // why the kernel takes none of them; empty: it does
  std::function<void(const GoProcess&)> before_uprobes;

  ~State() {
    ring_buffer__free(ring);
    for (bpf_link* tick : ticks) bpf_link__destroy(tick);
    for (const StopProbe& probe : stop_probes) bpf_link__destroy(probe.link);
    drop_links();
    for (bpf_link* event : events) bpf_link__destroy(event);
    plateau_bpf__destroy(skeleton);
  }

  void drop_links() {
    for (const Link& attached : links) bpf_link__destroy(attached.link);
    links.clear();
  }

  bpf_program* program(const Hook& hook) const {
    return bpf_object__find_program_by_name(skeleton->obj, hook.program);
  }

  // Loads and attaches what the plan has chosen; what the kernel refuses is chosen anew.
  Status put_on(Plan& plan, const SessionOptions& options);

  Status open_skeleton(const Plan& plan, const SessionOptions& options);
  // The error of a refusal that is not one program's.
  Status load(Plan& plan, const SessionOptions& options);
  void attach_events(Plan& plan, Sampling sampling, unsigned frequency_hz);
  // Null: all of it is on. Else a signal whose provider was refused and that has another, which is to be
  // loaded.
  Result<const Signal*> attach(Plan& plan);
  Status attach_choice(const Choice& choice);
  Status run_iterator(bpf_program* iterator);

  // Those of Go among processes not looked at before.
  std::vector<GoProcess> find_go(const std::vector<pid_t>& processes);
  void size_goroutines();  // before the load
  Status tell_layouts(const std::vector<GoProcess>& processes);
  bool has_goroutines() const;  // some process of Go's
  void start_ticks();
  void set_ticking(bool on);
  // Has stops of the world told of these processes, where the level of detail asks for them.
  void watch_stops(std::vector<GoProcess>& processes);
  void forget_stops(pid_t process);
  bool watches_stops() const { return tell_waits && stops_refused.empty() && seen_goroutines; }
  // Follows Go processes whose layouts have been told.
  void adopt(std::vector<GoProcess>& fresh);
  // The process has ended, or executes another program: its probes and what the maps have of it go.
  void drop_go(pid_t process);
  void drop_ended_go();
  // Those of Go among processes that have executed a program since the last call.
  Result<std::vector<GoProcess>> look_at_executed();

  static int on_record(void* context, void* data, std::size_t size) {
    const auto* state = static_cast<State*>(context);
    (*state->sink)({static_cast<const std::byte*>(data), size});
    return 0;
  }
};

}  // namespace plateau::probe
