// The probes of one capture, from load to detach. Sole user of libbpf and of the skeleton.
//
// Nothing is pinned: when the process ends, however it ends, the kernel takes everything away.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "bpf/counters.h"
#include "bpf/lock_record.h"
#include "bpf/loop_table.h"
#include "bpf/peer.h"
#include "bpf/profile_record.h"
#include "bpf/turn_record.h"
#include "probe/plan.h"
#include "target/go_runtime.h"

namespace plateau::probe {

struct GoProcess {
  pid_t pid = 0;
  target::GoRuntime go;
  std::uint64_t stops_told_from_ns = 0;  // its stops of the world; 0: they are not
  std::string stops_problem;             // why not; empty: they are, or nobody asked
};

struct SessionOptions {
  std::size_t ring_bytes = 8u << 20;  // rounded up to a power of two of pages
  // For a profile, where the plan has its signals.
  unsigned frequency_hz = 99;                     // stacks a second and CPU
  bool frame_pointers = false;                    // user stacks by frame pointers; else copied
  std::uint64_t holder_interval_ns = 20'000'000;  // at most one lock holder's stack a CPU in this time
  // Called before probes go on a process's own code: two on Go's runtime, hit once a stop of the world each.
  std::function<void(const GoProcess&)> before_uprobes;
};

using ProfileCounters = std::array<std::uint64_t, PL_PROFILE_COUNTERS>;

using Counters = std::array<std::uint64_t, PL_COUNTERS>;

struct LostRecords {
  std::uint64_t turns = 0;
  std::uint64_t parts = 0;
};

struct LockEntry {
  pl_lock_key key;
  pl_lock value;
};

struct LockStackEntry {
  pl_lock_stack key;
  pl_lock_stack_waits value;
};

struct PeerEntry {
  pl_peer peer;
  pl_peer_calls calls;
};

// A cause of sleep that no system call names: the kernel stack it was seen with, innermost first.
struct KernelStack {
  std::uint32_t id = 0;
  std::vector<std::uint64_t> addresses;
};

struct ProgramCost {
  std::string name;
  std::uint64_t runs = 0;
  std::uint64_t run_ns = 0;  // while statistics were on
  std::uint64_t missed = 0;  // not run because of recursion, and not made good (Signal::mends)
};

class Session {
 public:
  // Loads and attaches what the plan allows, then marks the threads and sockets of the processes (the initial
  // namespace's PIDs). Programs that the kernel refuses cost their signal: `plan` says so afterwards.
  static Result<std::unique_ptr<Session>> open(Plan& plan, const std::vector<pid_t>& processes,
                                               const SessionOptions& options);
  ~Session();

  // Has the kernel check the programs that the plan has chosen, and attaches none: those that it refuses cost
  // their signal, and `plan` says so afterwards. Fails where a required one is refused, or they all are.
  static Status try_out(Plan& plan);

  // Follows further processes, their threads and sockets.
  Status follow(const std::vector<pid_t>& processes);

  // So that a later process of the same PID is not taken for one of these, which have ended.
  void forget(const std::vector<pid_t>& processes);

  // Hands every record that is there to `sink`, and returns how many.
  std::size_t drain(const std::function<void(std::span<const std::byte>)>& sink);

  Counters counters() const;
  // Of them, turns and parts of turns that the ring had no room for.
  LostRecords lost_records() const;
  ProfileCounters profile_counters() const;
  std::vector<LockEntry> locks() const;

  // Waits for the kernel's own locks, by the kernel stack they were seen with; and such a stack's addresses,
  // innermost first, the probe's own among them.
  std::vector<LockStackEntry> lock_stacks() const;
  std::vector<std::uint64_t> lock_stack(std::uint32_t stack) const;

  // Servers that the target asks, and calls of those beyond what the kernel side keeps.
  std::vector<PeerEntry> peers() const;
  std::uint64_t lost_peer_calls() const;

  // The accounts of threads that wait for events: of those that run.
  std::vector<pl_loop> loops() const;
  // Hands out each account whose thread has ended, once, and has its place used again.
  void take_ended_loops(const std::function<void(const pl_loop&)>& sink);
  // Where the target's listening sockets listen, by pl_loop::listeners's bits. Empty where there are more.
  std::vector<pl_addr> listeners() const;

  // Kernel stacks not returned before; name_stack() tells the kernel side what they mean.
  std::vector<KernelStack> new_kernel_stacks();
  void name_stack(std::uint32_t id, pl_state state);

  // Run time is counted only while statistics are on, and costs two clock reads a run: keep it short.
  Status set_statistics(bool on);
  std::vector<ProgramCost> costs() const;
  std::size_t ring_bytes() const;

  // Capabilities without which this session, or what goes with it, cannot do its work from now on. Where the
  // kernel lets whoever has a map's descriptor read it, BPF's own are not among them.
  Capabilities needed_privileges() const;

  // Whether only the first buffer of each send is looked at, and no last bytes: cheaper, and enough while no
  // answer is chunked.
  void set_heads_only(bool on);

  // Takes the probes of receives and sends off, and puts them back: what was under way meanwhile is partial.
  // Connections, threads and locks are followed all along. Fails if the kernel refuses to attach one again.
  void pause();
  Status resume();

  // Looks at the programs that followed processes have begun to execute since the last call; those of Go.
  // What is kept of Go processes that have ended goes.
  Result<std::vector<GoProcess>> look_at_executed();

  // Those followed that have not ended.
  const std::vector<GoProcess>& go_processes() const;
  // Hands out each whose stops of the world are told, once.
  void take_watched(const std::function<void(const GoProcess&)>& sink);
  // Whether the kernel refuses to tell, between receives and sends, which goroutines threads are with.
  bool goroutine_ticks_refused() const;

  std::uint32_t listeners_found() const;
  std::uint32_t connections_found() const;

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::size_t drain_late_ends(const std::function<void(std::span<const std::byte>)>& sink);
  std::unique_ptr<State> state_;
};

}  // namespace plateau::probe
