// Which part of the kernel a thread waits in for one of the kernel's own locks, told by the functions on its
// kernel stack. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace plateau::symbol {

enum class LockClass : std::uint8_t {
  socket,          // sockets, TCP, the rest of the network
  epoll,           // an epoll instance's own
  memory_map,      // mappings, page faults, page tables
  page_allocator,  // pages, slabs, their lists and accounts
  file_system,     // files, directories, their cache, tables of descriptors
  futex,           // the kernel's table of waiters
  pipe,
  io_uring,
  scheduler,  // run queues, wake-ups
  timer,
  process,  // fork, exit, signals
  bpf,      // in a BPF program, of this tool or of another
  other,    // none of the above is on the stack
};

std::string_view to_string(LockClass lock_class);

// `innermost_first` are function names; suffixes of the compiler (".constprop.0", ".isra.0") do not matter,
// nor do the functions of the tracepoint whose program took the stack. The innermost telling function
// decides.
LockClass classify_lock(std::span<const std::string_view> innermost_first);

}  // namespace plateau::symbol
