#include "symbol/kernel_wait.h"

#include <algorithm>
#include <array>
#include <optional>

namespace plateau::symbol {
namespace {

struct Rule {
  std::string_view function;  // a trailing '*' stands for any rest
  KernelWait wait;
};

// Linux 5.15 to 6.18. Which function is inlined into which changes with version and compiler, so a wait is
// listed by its whole chain (ep_poll is gone from 6.18's stacks, do_epoll_wait is not).
constexpr std::array kRules = {
    Rule{"futex_do_wait", KernelWait::futex},
    Rule{"futex_wait*", KernelWait::futex},
    Rule{"__futex_wait", KernelWait::futex},
    Rule{"futex_lock_pi", KernelWait::futex},
    Rule{"__lock_sock", KernelWait::socket_lock},
    Rule{"__lock_sock_fast", KernelWait::socket_lock},
    Rule{"sk_stream_wait_memory", KernelWait::send_buffer},
    Rule{"sk_stream_wait_connect", KernelWait::send_buffer},
    Rule{"sock_alloc_send_pskb", KernelWait::send_buffer},
    Rule{"sock_wait_for_wmem", KernelWait::send_buffer},
    Rule{"unix_wait_for_peer", KernelWait::send_buffer},
    Rule{"sk_wait_data", KernelWait::receive},
    Rule{"inet_csk_wait_for_connect", KernelWait::receive},
    Rule{"inet_csk_accept", KernelWait::receive},
    Rule{"inet_wait_for_connect", KernelWait::receive},
    Rule{"__inet_stream_connect", KernelWait::receive},
    Rule{"__skb_wait_for_more_packets", KernelWait::receive},
    Rule{"unix_stream_data_wait", KernelWait::receive},
    Rule{"unix_stream_read_generic", KernelWait::receive},
    Rule{"ep_poll", KernelWait::poll},
    Rule{"do_epoll_wait", KernelWait::poll},
    Rule{"do_poll", KernelWait::poll},
    Rule{"do_sys_poll", KernelWait::poll},
    Rule{"poll_schedule_timeout", KernelWait::poll},
    Rule{"do_select", KernelWait::poll},
    Rule{"pipe_wait*", KernelWait::pipe},
    Rule{"pipe_read", KernelWait::pipe},
    Rule{"pipe_write", KernelWait::pipe},
    Rule{"fifo_pipe_*", KernelWait::pipe},
    Rule{"anon_pipe_*", KernelWait::pipe},
    Rule{"wait_for_space", KernelWait::pipe},
    Rule{"ipipe_prep", KernelWait::pipe},
    Rule{"opipe_prep", KernelWait::pipe},
    Rule{"io_schedule*", KernelWait::disk},
    Rule{"blk_io_schedule", KernelWait::disk},
    Rule{"folio_wait_*", KernelWait::disk},
    Rule{"bit_wait_io*", KernelWait::disk},
    Rule{"submit_bio_wait", KernelWait::disk},
    Rule{"__wait_on_buffer", KernelWait::disk},
    Rule{"jbd2_log_wait_commit", KernelWait::disk},
    Rule{"xfs_log_force*", KernelWait::disk},
    Rule{"handle_mm_fault", KernelWait::page_fault},
    Rule{"do_user_addr_fault", KernelWait::page_fault},
    Rule{"handle_userfault", KernelWait::page_fault},
    Rule{"exc_page_fault", KernelWait::page_fault},
    Rule{"do_page_fault", KernelWait::page_fault},
    Rule{"do_nanosleep", KernelWait::sleep},
    Rule{"hrtimer_nanosleep", KernelWait::sleep},
    Rule{"__mutex_lock*", KernelWait::mutex},
    Rule{"mutex_lock*", KernelWait::mutex},
    Rule{"__ww_mutex_lock*", KernelWait::mutex},
    Rule{"rwsem_*", KernelWait::mutex},
    Rule{"down_read*", KernelWait::mutex},
    Rule{"down_write*", KernelWait::mutex},
    Rule{"__down*", KernelWait::mutex},
    Rule{"percpu_rwsem_wait", KernelWait::mutex},
    Rule{"rt_mutex_*", KernelWait::mutex},
    Rule{"__rt_mutex_*", KernelWait::mutex},
    Rule{"rtlock_slowlock*", KernelWait::mutex},
};

bool matches(const Rule& rule, std::string_view function) {
  if (!rule.function.ends_with('*')) return rule.function == function;
  return function.starts_with(rule.function.substr(0, rule.function.size() - 1));
}

std::optional<KernelWait> wait_of(std::string_view function) {
  const auto plain = function.substr(0, function.find('.'));
  const auto rule =
      std::find_if(kRules.begin(), kRules.end(), [&](const Rule& r) { return matches(r, plain); });
  if (rule == kRules.end()) return {};
  return rule->wait;
}

}  // namespace

std::string_view to_string(KernelWait wait) {
  switch (wait) {
    case KernelWait::futex:
      return "futex";
    case KernelWait::socket_lock:
      return "socket_lock";
    case KernelWait::send_buffer:
      return "send_buffer";
    case KernelWait::receive:
      return "receive";
    case KernelWait::poll:
      return "poll";
    case KernelWait::pipe:
      return "pipe";
    case KernelWait::disk:
      return "disk";
    case KernelWait::page_fault:
      return "page_fault";
    case KernelWait::sleep:
      return "sleep";
    case KernelWait::mutex:
      return "mutex";
    case KernelWait::other:
      return "other";
  }
  return "other";
}

bool begins_interrupt(std::string_view function) {
  constexpr std::array<std::string_view, 2> kX86 = {"asm_sysvec_", "asm_common_interrupt"};
  constexpr std::array<std::string_view, 6> kArm64 = {"el1h_64_irq", "el0t_64_irq", "el0t_32_irq",
                                                      "el1h_64_fiq", "el0t_64_fiq", "el0t_32_fiq"};
  const auto begins = [function](std::string_view prefix) { return function.starts_with(prefix); };
  return std::ranges::any_of(kX86, begins) || std::ranges::any_of(kArm64, begins);
}

KernelWait classify_wait(std::span<const std::string_view> innermost_first) {
  bool disk = false;
  for (const auto function : innermost_first) {
    const auto wait = wait_of(function);
    if (!wait) continue;
    if (wait == KernelWait::page_fault || (!disk && wait != KernelWait::disk)) return *wait;
    disk = true;
  }
  return disk ? KernelWait::disk : KernelWait::other;
}

}  // namespace plateau::symbol
