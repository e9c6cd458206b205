#include "probe/signal.h"

#include <array>

namespace plateau::probe {
namespace {

constexpr std::array<Signal, 13> kSignals{{
    {"received", "received", "sock_recv_length", true, true,
     "bytes received, by which thread, and their head", "no requests"},
    {"sent", "sent", "sock_send_length", true, true, "bytes sent, by which thread, and their head",
     "no requests"},
    {"ready", "data_ready", "sk_data_ready", false, true, "when bytes became readable",
     "latency starts at the receive: no accept_wait, wakeup, busy_loop"},
    {"connection", "state_changed", "inet_sock_set_state", false, false, "connections established and closed",
     "responses ended by a close end late; accept_wait unknown"},
    {"end", "destroyed", "tcp_destroy_sock", false, false, "connections that end by a reset",
     "requests on them stay under way"},
    {"switch", "switched", "sched_switch", true, false, "threads going on and off CPU, and why they sleep",
     "no budgets"},
    {"waking", "woken", "sched_waking", false, false, "when a sleeping thread was woken, and by whom",
     "run-queue time counts as the wait before it; no lock holders"},
    {"fork", "forked", "sched_process_fork", true, false, "new threads and worker processes",
     "no new threads"},
    {"exit", "exited", "sched_process_exit", false, false, "threads that end",
     "a thread's last turn may be lost"},
    {"lock_begin", "contended", "contention_begin", false, false, "waits for kernel locks",
     "lock_kernel is unattributed"},
    {"lock_end", "obtained", "contention_end", false, false, "end of waits for kernel locks",
     "lock_kernel is unattributed"},
    {"threads", "find_threads", nullptr, true, false, "threads that exist at attach", "no threads"},
    {"sockets", "find_sockets", nullptr, false, false, "sockets open at attach",
     "connections open at attach are met at their next request"},
}};

}  // namespace

std::span<const Signal> signals() {
  return kSignals;
}

}  // namespace plateau::probe
