// The accounts of threads that wait for events.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>

#include "bpf/loop_table.h"
#include "bpf/turn_record.h"
#include "probe/session_state.h"

namespace plateau::probe {
namespace {

// False: it is no thread's.
bool read_loop(int map, std::uint32_t index, pl_loop& loop) {
  return bpf_map_lookup_elem(map, &index, &loop) == 0 && loop.born_ns != 0;
}

}  // namespace

std::vector<pl_loop> Session::loops() const {
  std::vector<pl_loop> all;
  const int map = bpf_map__fd(state_->skeleton->maps.loops);
  const std::uint32_t used = std::min(state_->skeleton->bss->loops_used, PL_LOOPS);
  pl_loop loop{};
  for (std::uint32_t i = 0; i < used; i++)
    if (read_loop(map, i, loop) && !loop.ended_ns) all.push_back(loop);
  return all;
}

void Session::take_ended_loops(const std::function<void(const pl_loop&)>& sink) {
  if (state_->skeleton->bss->loops_ended == state_->loops_taken) return;
  const int map = bpf_map__fd(state_->skeleton->maps.loops);
  const int free = bpf_map__fd(state_->skeleton->maps.free_loops);
  const std::uint32_t used = std::min(state_->skeleton->bss->loops_used, PL_LOOPS);
  const pl_loop none{};
  pl_loop loop{};
  for (std::uint32_t i = 0; i < used; i++) {
    if (!read_loop(map, i, loop) || !loop.ended_ns) continue;
    sink(loop);
    (void)bpf_map_update_elem(map, &i, &none, BPF_ANY);
    (void)bpf_map_update_elem(free, nullptr, &i, BPF_ANY);
    state_->loops_taken++;
  }
}

std::vector<pl_addr> Session::listeners() const {
  const std::uint32_t made = state_->skeleton->bss->last_listener;
  if (made > PL_LISTENERS) return {};
  std::vector<pl_addr> all(made);
  const int map = bpf_map__fd(state_->skeleton->maps.listener_addrs);
  for (std::uint32_t i = 0; i < made; i++) (void)bpf_map_lookup_elem(map, &i, &all[i]);
  return all;
}

}  // namespace plateau::probe
