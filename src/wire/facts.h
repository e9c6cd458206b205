// What is known of a capture beside its records: read when it starts and when it ends.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "bpf/counters.h"
#include "bpf/lock_record.h"
#include "bpf/loop_table.h"

namespace plateau::wire {

struct LockFact {
  std::uint64_t futex = 0;  // user address
  std::uint32_t tgid = 0;
  pl_lock during{};  // the counters' growth during the capture
};

struct ProviderFact {
  std::string signal;
  std::string provider;  // "none": not available
  std::string reason;
  std::string lost;  // what is missing without it; empty: nothing
};

// Agent and kernel side, over the capture.
struct CostFact {
  double agent_cpu_s = 0;
  std::uint64_t agent_rss_bytes = 0;
  // Run time of the probes, from a short window in which the kernel's statistics were on.
  std::uint64_t window_ns = 0;
  std::uint64_t window_run_ns = 0;
  std::uint64_t window_requests = 0;
  std::uint64_t missed = 0;  // probe runs that the kernel skipped
  double bound = 0;  // on the probes' CPU time, as a share of the target's (one CPU's at least); 0: none
  double full = 0;   // what looking at every request would cost, likewise; 0: not known
  std::uint64_t paused_ns = 0;  // time in which requests were not looked at, to keep to the bound
};

// A road around the kernel's TCP that a process of the target has: what goes by it is not seen.
struct BypassFact {
  std::int32_t pid = 0;
  std::string comm;
  std::string kind;  // "af_xdp", "udp", "dpdk" …
  std::string what;  // "2 AF_XDP sockets"
  std::uint64_t count = 0;
  bool possible = false;  // the means are there; whether they are used cannot be told
};

struct ViewFact {
  std::uint32_t looked_at = 0;  // processes; 0: nobody looked
  std::uint32_t hidden = 0;     // of them, whose descriptors may not be read
  std::vector<BypassFact> bypasses;
};

// The accept queues of a listening address, looked at every 20 ms or so. Sockets that share an address have a
// queue each: lengths are of the worst, counts of all.
struct AcceptQueueFact {
  std::string address;
  std::uint32_t sockets = 0;
  std::uint32_t backlog = 0;  // connections it is to hold; the kernel holds one more
  std::uint32_t length = 0;   // at the last look
  std::uint32_t longest = 0;  // at any look
  std::uint64_t looks = 0;
  std::uint64_t full_looks = 0;  // at which no more could come in
  std::uint64_t drops = 0;       // attempts to connect dropped
};

// Of the target's whole network namespace, others' sockets included.
struct BacklogFact {
  std::uint64_t overflows = 0;      // of accept queues
  std::uint64_t drops = 0;          // attempts to connect dropped, whatever for
  std::uint64_t request_drops = 0;  // SYNs dropped: too many connections half open
  std::uint64_t cookies = 0;        // or answered with a cookie in place of memory
};

// Another server that the target keeps TCP connections to.
struct DownstreamFact {
  std::string address;
  std::uint32_t connections = 0;  // most at a look; there is one at the start, at the end, and now and then
};

// What connections accepted by the target waited for when they had something to send, from the kernel's own
// accounts (TCP_INFO), looked at every 250 ms or so.
struct SendPathFact {
  std::uint64_t connections = 0;          // looked at
  std::uint64_t skipped = 0;              // at once, beyond the bound
  std::uint64_t looks = 0;                // 0: nobody looked
  std::uint64_t busy_us = 0;              // sums of all connections: with something not acknowledged yet
  std::uint64_t receiver_limited_us = 0;  // of that, with the receiver's window closed
  std::uint64_t buffer_limited_us = 0;    // of that, with all that fits the send buffer sent
  std::uint64_t bytes_acknowledged = 0;
  std::uint64_t bytes_retransmitted = 0;
  std::uint64_t round_trips = 0;  // readings of the smoothed round-trip time
  std::uint64_t round_trip_sum_us = 0;
  std::uint64_t round_trip_max_us = 0;
  std::uint64_t ktls = 0;  // connections with TLS in the kernel, most at once
};

// A thread that waits for events (epoll, poll, select, io_uring's wait), or several of a kind, since it first
// did, or since the probes went on. A wait is one in which it gave up its CPU: a call that finds events at
// once is none. What is left of `elapsed_ns` it slept elsewhere.
struct LoopFact {
  std::string thread;  // its name
  std::uint32_t tgid = 0;
  std::uint32_t tid = 0;  // 0: several threads
  std::uint32_t threads = 1;
  std::vector<std::string> listeners;  // that accepted the connections it read; none: not known
  std::uint64_t elapsed_ns = 0;
  std::uint64_t waits = 0;       // that have ended
  std::uint64_t wait_ns = 0;     // their sum, each up to the wake-up
  std::uint64_t waiting_ns = 0;  // with the one that lasts
  std::uint64_t run_ns = 0;
  std::uint64_t runqueue_ns = 0;
  std::vector<std::uint64_t> buckets;  // waits by length, PL_LOOP_BOUND
};

// A server that the target asks. A call is a run of sends on a connection that the target opened, and the run
// of receives that follows, if any does.
struct PeerFact {
  std::string address;  // "10.0.0.7:5432"
  std::uint64_t calls = 0;
  std::uint64_t answers = 0;    // of them, that something was received for
  std::uint64_t answer_ns = 0;  // from the last send to the first receive, their sum
  std::uint64_t bytes_out = 0;
  std::uint64_t bytes_in = 0;
};

// Waits of the target's threads for the kernel's own locks, of those whose kernel stack was looked at.
struct KernelLockFact {
  std::uint32_t kind = 0;   // enum pl_kernel_lock
  std::string stack_class;  // the part of the kernel that waited: "memory_map" …
  std::uint64_t waits = 0;
  std::uint64_t wait_ns = 0;
};

// How a profile was taken, and what of it was lost.
struct ProfileFact {
  std::uint32_t frequency_hz = 0;  // of on-CPU samples; 0: none were taken
  bool sleeps = false;             // stacks of sleeps were taken
  std::uint32_t fault_period = 0;  // page faults that a stack stands for at least; 0: none taken
  std::uint64_t samples = 0;       // stacks taken, the lost ones too
  std::uint64_t lost_samples = 0;  // ring full
  std::uint64_t lost_ends = 0;     // of sleeps: ring full
  std::uint64_t lost_sleeps = 0;   // too many threads asleep at once
  std::uint64_t lost_stacks = 0;   // too many different ones
  bool wakers = false;             // so were the stacks of who ended the sleeps
  std::uint64_t lost_wakers = 0;   // of them: ring full
};

struct Facts {
  std::string version;  // of the program that captured
  std::string kernel;
  std::string comm;
  std::string executable;
  std::string runtime;
  std::string detail;              // level of detail
  std::vector<std::int32_t> pids;  // asked for
  std::vector<std::string> listening;
  std::uint32_t processes = 0;
  std::uint32_t threads = 0;            // at the end
  std::uint32_t cpus = 0;               // of the machine
  std::uint32_t allowed_cpus = 0;       // of them, that the target's processes may run on; 0: not known
  std::int64_t realtime_offset_ns = 0;  // to turn record times into Unix times
  std::uint64_t start_ns = 0;           // CLOCK_MONOTONIC: probes live
  std::uint64_t end_ns = 0;
  double target_cpu_s = 0;  // user and system time of the target's processes
  double machine_busy = 0;  // share of all CPUs' time that was not idle, 0…1
  std::array<std::uint64_t, PL_COUNTERS> counters{};
  std::vector<LockFact> locks;
  std::vector<KernelLockFact> kernel_locks;
  std::vector<ProviderFact> providers;
  ViewFact view;
  std::vector<AcceptQueueFact> accept_queues;
  BacklogFact backlog;
  std::vector<DownstreamFact> downstreams;  // by falling number of connections
  SendPathFact send_path;
  std::vector<LoopFact> loops;
  std::vector<PeerFact> peers;        // that it called
  std::uint64_t lost_peer_calls = 0;  // to others, too many to keep
  std::string sockets_unknown;        // why the two are not known; empty: they are
  CostFact cost;
  ProfileFact profile;
  bool complete = false;  // false: the capture was cut off, and only what the records say is known
};

// A sampled hand-over of a user-space lock, its holder's stack named: outermost last.
struct HolderSample {
  std::uint64_t ts = 0;
  std::uint64_t futex = 0;
  std::uint64_t wait_ns = 0;
  std::uint64_t weight = 0;  // hand-overs it stands for
  std::uint32_t tgid = 0;
  std::uint32_t holder_tid = 0;
  std::uint32_t waiter_tid = 0;
  std::vector<std::string> frames;   // "function" or "module+0x12ab", innermost first
  std::vector<std::string> modules;  // of each frame
  bool cut_short = false;
};

}  // namespace plateau::wire
