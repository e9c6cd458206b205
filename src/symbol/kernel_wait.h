// What a thread blocked in the kernel waits for, told by the functions on its kernel stack. Pure.
#pragma once

#include <span>
#include <string_view>

namespace plateau::symbol {

enum class KernelWait {
  futex,        // a user-space lock or condition variable
  socket_lock,  // the kernel's lock on one socket
  send_buffer,  // room in a socket's send buffer
  receive,      // data from, or a connection on, a socket it blocks on
  poll,         // epoll, poll or select
  pipe,         // the other end of a pipe
  disk,         // storage
  page_fault,   // a page of its own memory
  sleep,        // a timer it set itself
  mutex,        // a lock inside the kernel
  other,        // none of the above is on the stack
};

std::string_view to_string(KernelWait wait);

// `innermost_first` are function names; suffixes of the compiler (".constprop.0", ".isra.0") do not matter.
// The innermost telling function decides, but for storage waited for on behalf of a page fault, which is
// page_fault.
KernelWait classify_wait(std::span<const std::string_view> innermost_first);

// Whether this function is where an interrupt begins: those that called it are not what it works for.
bool begins_interrupt(std::string_view function);

}  // namespace plateau::symbol
