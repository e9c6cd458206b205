// The table of signals and providers.
//
// Kinds that are not in it, and why:
// - raw_tp: is there exactly where tp_btf is, and gives its arguments untyped, so that no state can hang on
//   their sockets and tasks.
// - kprobe for what comes with a socket (received, sent, ready): a kprobe gets addresses, and the kernel lets
//   it hang no state on an address of a socket. A kretprobe would also lose returns, uncounted, once more
//   than max(10, 2 × CPUs) threads sleep in the function, which is what a thread for each connection does.
// - syscall tracepoints: slow every system call of every process, and name no socket.
// - sampling for copies: tells a share of many requests, not a request's time.
// - fentry for the scheduler: its tracepoints are in every kernel that has the rest.
#include "probe/signal.h"

#include <array>

namespace plateau::probe {
namespace {

constexpr std::size_t kSignals = 19;

// On a kernel that can be preempted anywhere (PREEMPT, PREEMPT_RT) a thread may be taken off its CPU within a
// program on a function, and the kernel then skips that program for others on this CPU: such runs are
// counted.
constexpr const char* kPreempted = "a call that preempts another inside the probe is missed, and counted";

constexpr Provider tracepoint(const char* place, const char* program, unsigned arguments) {
  return {"tp_btf", {{{Kind::tp_btf, place, program, arguments}}}, ""};
}

constexpr Provider iterator(const char* place, const char* program) {
  return {"iter", {{{Kind::iter, place, program}}}, ""};
}

constexpr std::array<Signal, kSignals> kTable{{
    {.name = "received",
     .required = true,
     .detail = Detail::low,
     .pausable = true,
     .tells = "bytes received, by which thread, and their head",
     .without = "no requests",
     .providers = {tracepoint("sock_recv_length", "received", 3),
                   {"fexit",
                    {{{Kind::fexit, "inet_recvmsg", "inet_received", 4},
                      {Kind::fexit, "inet6_recvmsg", "inet6_received", 4}}},
                    kPreempted},
                   {"fexit_tcp",
                    {{{Kind::fexit, "tcp_recvmsg", "tcp_received", 5}}},
                    "connections with TLS in the kernel; a call that preempts another inside the probe is "
                    "missed, and counted"}}},
    {.name = "sent",
     .required = true,
     .detail = Detail::low,
     .pausable = true,
     .tells = "bytes sent, by which thread, and their head",
     .without = "no requests",
     .providers = {tracepoint("sock_send_length", "sent", 3),
                   {"fexit",
                    {{{Kind::fexit, "inet_sendmsg", "inet_sent", 3},
                      {Kind::fexit, "inet6_sendmsg", "inet6_sent", 3},
                      {Kind::fexit, "inet_sendpage", "inet_page_sent", 5, true}}},
                    kPreempted},
                   {"fexit_tcp",
                    {{{Kind::fexit, "tcp_sendmsg", "tcp_sent", 3},
                      {Kind::fexit, "tcp_sendpage", "tcp_page_sent", 5, true}}},
                    "connections with TLS in the kernel; a call that preempts another inside the probe is "
                    "missed, and counted"}}},
    {.name = "ready",
     .required = false,
     .detail = Detail::low,
     .pausable = true,
     .tells = "when bytes became readable",
     .without = "latency starts at the receive: no accept_wait, wakeup, busy_loop",
     .providers = {tracepoint("sk_data_ready", "data_ready", 1),
                   {"fentry", {{{Kind::fentry, "sock_def_readable", "readable", 1}}}, ""}}},
    {.name = "connection",
     .required = false,
     .detail = Detail::low,
     .pausable = false,
     .tells = "connections established and closed",
     .without = "responses ended by a close end late, accept_wait is unknown, and the arrival of each "
                "connection's first request",
     .providers = {tracepoint("inet_sock_set_state", "state_changed", 3)}},
    {.name = "end",
     .required = false,
     .detail = Detail::low,
     .pausable = false,
     .tells = "connections that end by a reset",
     .without = "requests on them stay under way",
     .providers = {tracepoint("tcp_destroy_sock", "destroyed", 1)}},
    {.name = "switch",
     .required = true,
     .detail = Detail::low,
     .pausable = false,
     .tells = "threads going on and off CPU, and why they sleep",
     .without = "no budgets",
     .providers = {tracepoint("sched_switch", "switched", 4)}},
    {.name = "waking",
     .required = false,
     .detail = Detail::normal,
     .pausable = false,
     .tells = "when a sleeping thread was woken, and by whom",
     .without = "run-queue time counts as the wait before it; no lock holders",
     .providers = {tracepoint("sched_waking", "woken", 1)}},
    {.name = "fork",
     .required = true,
     .detail = Detail::low,
     .pausable = false,
     .tells = "new threads and worker processes",
     .without = "no new threads",
     .providers = {tracepoint("task_newtask", "forked", 1)}},
    {.name = "exit",
     .required = false,
     .detail = Detail::low,
     .pausable = false,
     .tells = "threads that end",
     .without = "a thread's last turn may be lost",
     .providers = {tracepoint("sched_process_exit", "exited", 1)}},
    {.name = "lock_begin",
     .required = false,
     .detail = Detail::normal,
     .pausable = false,
     .tells = "waits for kernel locks",
     .without = "lock_kernel is unattributed",
     .providers = {tracepoint("contention_begin", "contended", 2)},
     .partner = "lock_end",
     .mends = true},
    {.name = "lock_end",
     .required = false,
     .detail = Detail::normal,
     .pausable = false,
     .tells = "end of waits for kernel locks",
     .without = "lock_kernel is unattributed",
     .providers = {tracepoint("contention_end", "obtained", 2)},
     .partner = "lock_begin",
     .mends = true},
    {.name = "copy_in",
     .required = false,
     .detail = Detail::high,
     .pausable = true,
     .tells = "when a receive copies",
     .without = "copy_in is part of cpu",
     .providers = {{{"fentry",
                     {{{Kind::fentry, "skb_copy_datagram_iter", "copy_in_begins_fentry"},
                       {Kind::fexit, "skb_copy_datagram_iter", "copy_in_ends_fexit"}}},
                     ""},
                    {"kprobe",
                     {{{Kind::kprobe, "skb_copy_datagram_iter", "copy_in_begins_kprobe"},
                       {Kind::kretprobe, "skb_copy_datagram_iter", "copy_in_ends_kretprobe"}}},
                     "the probes themselves, a good part of a microsecond, count as copying"},
                    {"tp_btf",
                     {{{Kind::tp_btf, "skb_copy_datagram_iovec", "copying_in", 0}}},
                     "the rest of the receive counts as copy_in"}}}},
    {.name = "copy_out",
     .required = false,
     .detail = Detail::high,
     .pausable = true,
     .tells = "when a send begins to copy, and whether it does",
     .without = "copy_out and tcp_send are part of cpu",
     .providers = {{{"fentry",
                     {{{Kind::fentry, "tcp_sendmsg_locked", "send_begins_fentry"},
                       {Kind::fexit, "sk_page_frag_refill", "copy_out_begins_fexit"},
                       {Kind::fentry, "do_tcp_sendpages", "page_send_begins_fentry", 0, true}}},
                     ""},
                    {"kprobe",
                     {{{Kind::kprobe, "tcp_sendmsg_locked", "send_begins_kprobe"},
                       {Kind::kretprobe, "sk_page_frag_refill", "copy_out_begins_kretprobe"},
                       {Kind::kprobe, "do_tcp_sendpages", "page_send_begins_kprobe", 0, true}}},
                     "the probes themselves, a good part of a microsecond, count as copying"},
                    {"tp_btf",
                     {{{Kind::tp_btf, "tcp_sendmsg_locked", "copying_out", 2},
                       {Kind::tp_btf, "mm_page_alloc", "got_memory", 2, true}}},
                     "what a send does before it copies counts as copy_out where it needs no new memory"}}}},
    {.name = "transmit",
     .required = false,
     .detail = Detail::high,
     .pausable = true,
     .tells = "when a send has copied, and goes on to transmit",
     .without = "tcp_send is part of copy_out",
     .providers = {{{"fentry",
                     {{{Kind::fentry, "__tcp_push_pending_frames", "pushes_fentry"},
                       {Kind::fentry, "tcp_push_one", "pushes_one_fentry"}}},
                     ""},
                    {"kprobe",
                     {{{Kind::kprobe, "__tcp_push_pending_frames", "pushes_kprobe"},
                       {Kind::kprobe, "tcp_push_one", "pushes_one_kprobe"}}},
                     "the probes themselves, a good part of a microsecond, count as copying"},
                    {"tp_btf",
                     {{{Kind::tp_btf, "net_dev_queue", "transmitting", 0},
                       {Kind::tp_btf, "hrtimer_start", "pacing", 1, true}}},
                     "building the first packet's headers, about a microsecond, counts as copy_out"}}},
     .partner = "copy_out"},
    {.name = "ring",
     .required = false,
     .detail = Detail::low,
     .pausable = true,
     .tells = "which io_uring request sends or receives, and so where its bytes lie",
     .without = "requests that io_uring answers: no status, framing inferred or unknown",
     .providers = {tracepoint("io_uring_submit_req", "submitted", 1),
                   {"tp_btf_sqe", {{{Kind::tp_btf, "io_uring_submit_sqe", "submitted_entry", 2}}}, ""}}},
    {.name = "threads",
     .required = true,
     .detail = Detail::low,
     .pausable = false,
     .tells = "threads that exist at attach",
     .without = "no threads",
     .providers = {iterator("task", "find_threads")}},
    {.name = "sockets",
     .required = false,
     .detail = Detail::low,
     .pausable = false,
     .tells = "sockets open at attach",
     .without = "connections open at attach, and those of listeners open at attach, are met at a request "
                "whose arrival is unknown",
     .providers = {iterator("task_file", "find_sockets")}},
    {.name = "profile_cpu",
     .required = false,
     .detail = Detail::low,
     .pausable = false,
     .tells = "stacks of threads on a CPU, at each tick of a clock",
     .without = "no on-CPU flamegraph",
     .providers = {{{"perf_event", {{{Kind::perf_event, "cpu-clock", "sampled"}}}, ""}}},
     .sampling = Sampling::cpu},
    {.name = "profile_sleep",
     .required = false,
     .detail = Detail::low,
     .pausable = false,
     .tells = "stacks of threads that fall asleep",
     .without = "no off-CPU flamegraph",
     .providers = {tracepoint("sched_switch", "slept_or_woke", 4)},
     .sampling = Sampling::sleep},
}};

}  // namespace

std::span<const Signal> signals() {
  return kTable;
}

}  // namespace plateau::probe
