// The programs, maps and links in the kernel, and whether a process holds them.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace plateau::live {

// Kind ("prog", "map", "link") and id. Ids rise and are not reused.
using BpfObjects = std::set<std::pair<std::string, std::uint32_t>>;

BpfObjects bpf_objects();
// Those that a descriptor of any process holds.
BpfObjects held_bpf_objects();

// Those that came since `before` and that nobody holds: what a process that is gone has left behind.
BpfObjects orphans_since(const BpfObjects& before);

}  // namespace plateau::live
