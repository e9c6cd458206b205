// The stages of a request's latency (design, section 2), in the order in which they are shown.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plateau::attribution {

enum class Stage : std::uint8_t {
  accept_wait,
  wakeup,
  busy_loop,
  runqueue,
  cpu,
  copy_in,
  copy_out,
  tcp_send,
  page_fault,
  lock_user,
  lock_socket,
  lock_kernel,
  downstream,
  disk,
  sleep,
  send_wait,
  handoff,
  parked,
  unattributed,
};

inline constexpr std::size_t kStages = 19;

inline constexpr std::array<std::string_view, kStages> kStageNames{
    "accept_wait", "wakeup",     "busy_loop", "runqueue",    "cpu",         "copy_in",    "copy_out",
    "tcp_send",    "page_fault", "lock_user", "lock_socket", "lock_kernel", "downstream", "disk",
    "sleep",       "send_wait",  "handoff",   "parked",      "unattributed"};

inline constexpr std::array<std::string_view, kStages> kStageMeaning{
    "readable, its connection not accepted yet",
    "readable, its thread asleep and not yet running",
    "readable, its thread at work for other requests",
    "served by a thread that waits for a CPU",
    "executed",
    "copied from kernel to user memory",
    "copied from user to kernel memory",
    "in the TCP send path",
    "waiting for a page",
    "blocked on a user-space lock",
    "blocked on the socket lock",
    "blocked on another kernel lock",
    "blocked on another socket, pipe or descriptor",
    "blocked on storage",
    "blocked in a timer",
    "blocked because the send buffer is full",
    "between two threads",
    "its goroutine parked",
    "not known"};

constexpr std::size_t index(Stage stage) {
  return static_cast<std::size_t>(stage);
}
constexpr std::string_view name(Stage stage) {
  return kStageNames[index(stage)];
}

}  // namespace plateau::attribution
