// What a session holds: the loaded programs, their links and the ring. Private to src/probe's session files.
#pragma once

#include <bpf/libbpf.h>

#include <cstddef>
#include <functional>
#include <span>
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
    bpf_link* link;  // null: off
  };
  std::vector<Link> links;
  ring_buffer* ring = nullptr;
  const std::function<void(std::span<const std::byte>)>* sink = nullptr;
  Fd statistics;
  std::unordered_set<std::uint32_t> stacks_seen;
  std::vector<GoProcess> go_processes;
  std::unordered_set<pid_t> looked_for_go;
  std::vector<bpf_link*> ticks;
  bool ticks_refused = false;

  ~State() {
    ring_buffer__free(ring);
    for (bpf_link* tick : ticks) bpf_link__destroy(tick);
    for (const Link& attached : links) bpf_link__destroy(attached.link);
    plateau_bpf__destroy(skeleton);
  }

  bpf_program* program(const Signal& signal) const {
    return bpf_object__find_program_by_name(skeleton->obj, signal.program);
  }

  Status open_skeleton(const Plan& plan, const SessionOptions& options);
  Status drop_refused(Plan& plan, const SessionOptions& options);
  Status load(Plan& plan, const SessionOptions& options);
  Status attach(Plan& plan);
  void detach_taken_away(const Plan& plan);
  Status run_iterator(bpf_program* iterator);

  // Those of Go among processes not looked at before.
  std::vector<GoProcess> find_go(const std::vector<pid_t>& processes);
  void size_goroutines();  // before the load
  Status tell_layouts(const std::vector<GoProcess>& processes);
  void start_ticks();

  static int on_record(void* context, void* data, std::size_t size) {
    const auto* state = static_cast<State*>(context);
    (*state->sink)({static_cast<const std::byte*>(data), size});
    return 0;
  }
};

}  // namespace plateau::probe
