#include "probe/signal.h"

#include <array>

namespace plateau::probe {
namespace {

constexpr std::array<Signal, 19> kSignals{{
    {"received", "received", "sock_recv_length", true, Detail::low, true,
     "bytes received, by which thread, and their head", "no requests"},
    {"sent", "sent", "sock_send_length", true, Detail::low, true,
     "bytes sent, by which thread, and their head", "no requests"},
    {"ready", "data_ready", "sk_data_ready", false, Detail::low, true, "when bytes became readable",
     "latency starts at the receive: no accept_wait, wakeup, busy_loop"},
    {"connection", "state_changed", "inet_sock_set_state", false, Detail::low, false,
     "connections established and closed",
     "responses ended by a close end late, accept_wait is unknown, and the arrival of each connection's "
     "first request"},
    {"end", "destroyed", "tcp_destroy_sock", false, Detail::low, false, "connections that end by a reset",
     "requests on them stay under way"},
    {"switch", "switched", "sched_switch", true, Detail::low, false,
     "threads going on and off CPU, and why they sleep", "no budgets"},
    {"waking", "woken", "sched_waking", false, Detail::normal, false,
     "when a sleeping thread was woken, and by whom",
     "run-queue time counts as the wait before it; no lock holders"},
    {"fork", "forked", "task_newtask", true, Detail::low, false, "new threads and worker processes",
     "no new threads"},
    {"exit", "exited", "sched_process_exit", false, Detail::low, false, "threads that end",
     "a thread's last turn may be lost"},
    {"lock_begin", "contended", "contention_begin", false, Detail::normal, false, "waits for kernel locks",
     "lock_kernel is unattributed", "lock_end", true},
    {"lock_end", "obtained", "contention_end", false, Detail::normal, false, "end of waits for kernel locks",
     "lock_kernel is unattributed", "lock_begin", true},
    {"copy_in", "copying_in", "skb_copy_datagram_iovec", false, Detail::high, true,
     "when a receive begins to copy", "copy_in is part of cpu"},
    {"copy_out", "copying_out", "tcp_sendmsg_locked", false, Detail::high, true,
     "when a send begins to copy, and whether it does", "copy_out and tcp_send are part of cpu"},
    {"transmit", "transmitting", "net_dev_queue", false, Detail::high, true,
     "when a send hands a packet to the device", "tcp_send is part of copy_out", "copy_out"},
    {"ring", "submitted", "io_uring_submit_req", false, Detail::low, true,
     "which io_uring request sends or receives, and so where its bytes lie",
     "requests that io_uring answers: no status, framing inferred or unknown"},
    {"threads", "find_threads", nullptr, true, Detail::low, false, "threads that exist at attach",
     "no threads"},
    {"sockets", "find_sockets", nullptr, false, Detail::low, false, "sockets open at attach",
     "connections open at attach, and those of listeners open at attach, are met at a request whose arrival "
     "is unknown"},
    {"profile_cpu", "sampled", nullptr, false, Detail::low, false,
     "stacks of threads on a CPU, at each tick of a clock", "no on-CPU flamegraph", nullptr, false,
     Sampling::cpu},
    {"profile_sleep", "slept_or_woke", "sched_switch", false, Detail::low, false,
     "stacks of threads that fall asleep", "no off-CPU flamegraph", nullptr, false, Sampling::sleep},
}};

}  // namespace

std::span<const Signal> signals() {
  return kSignals;
}

}  // namespace plateau::probe
