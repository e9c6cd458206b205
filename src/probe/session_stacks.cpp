// The kernel stacks on which the target waited for the kernel's own locks.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <array>

#include "bpf/lock_record.h"
#include "probe/session_state.h"

namespace plateau::probe {

std::vector<LockStackEntry> Session::lock_stacks() const {
  std::vector<LockStackEntry> all;
  const int map = bpf_map__fd(state_->skeleton->maps.lock_stack_waits);
  LockStackEntry entry{};
  const pl_lock_stack* previous = nullptr;
  pl_lock_stack key{};
  while (bpf_map_get_next_key(map, previous, &entry.key) == 0) {
    if (bpf_map_lookup_elem(map, &entry.key, &entry.value) == 0) all.push_back(entry);
    key = entry.key;
    previous = &key;
  }
  return all;
}

std::vector<std::uint64_t> Session::lock_stack(std::uint32_t stack) const {
  std::array<std::uint64_t, PL_LOCK_STACK_DEPTH> addresses{};
  if (bpf_map_lookup_elem(bpf_map__fd(state_->skeleton->maps.lock_stacks), &stack, addresses.data()) != 0)
    return {};
  return {addresses.begin(), std::find(addresses.begin(), addresses.end(), 0u)};
}

}  // namespace plateau::probe
