#include "probe/session.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/capability.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <numeric>
#include <thread>
#include <utility>

#include "probe/go_probes.h"
#include "probe/session_state.h"

namespace plateau::probe {
namespace {

constexpr std::size_t kStackDepth = 16;  // bpf/sched.bpf.c, kernel_stacks

std::uint64_t sum_of_cpus(int map, std::uint32_t key) {
  std::vector<std::uint64_t> per_cpu(static_cast<std::size_t>(libbpf_num_possible_cpus()));
  if (bpf_map_lookup_elem(map, &key, per_cpu.data()) != 0) return 0;
  return std::accumulate(per_cpu.begin(), per_cpu.end(), std::uint64_t{0});
}

template <std::size_t n>
std::array<std::uint64_t, n> sum_of_cpus(int map) {
  std::array<std::uint64_t, n> sum{};
  for (std::uint32_t key = 0; key < n; key++) sum[key] = sum_of_cpus(map, key);
  return sum;
}

}  // namespace

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::open(Plan& plan, const std::vector<pid_t>& processes,
                                               const SessionOptions& options) {
  auto state = std::make_unique<State>();
  state->go_processes = state->find_go(processes);
  state->tell_waits = plan.detail == kGoProbesDetail;
  state->before_uprobes = options.before_uprobes;
  if (auto on = state->put_on(plan, options); !on) return on.error();
  state->ring =
      ring_buffer__new(bpf_map__fd(state->skeleton->maps.ring), State::on_record, state.get(), nullptr);
  if (!state->ring) return fail("cannot map the ring buffer: " + std::string(strerror(errno)));
  for (const Sampling sampling : {Sampling::cpu, Sampling::fault})
    state->attach_events(plan, sampling, options.frequency_hz);
  state->start_ticks();
  auto go = std::exchange(state->go_processes, {});
  state->adopt(go);
  std::unique_ptr<Session> session(new Session(std::move(state)));
  if (auto followed = session->follow(processes); !followed) return followed.error();
  return session;
}

Status Session::follow(const std::vector<pid_t>& processes) {
  const int targets = bpf_map__fd(state_->skeleton->maps.targets);
  for (const pid_t process : processes) {
    const auto key = static_cast<std::uint32_t>(process);
    const std::uint8_t one = 1;
    if (bpf_map_update_elem(targets, &key, &one, BPF_ANY) != 0)
      return fail("too many processes to follow (8192 at most)");
  }
  auto go = state_->find_go(processes);
  if (auto told = state_->tell_layouts(go); !told) return told;
  state_->adopt(go);
  auto* skeleton = state_->skeleton;
  if (auto found = state_->run_iterator(skeleton->progs.find_threads); !found) return found;
  const bool looks = bpf_program__autoload(skeleton->progs.find_sockets);
  for (const std::uint32_t connections : {0u, 1u}) {
    skeleton->bss->want_connections = connections;
    if (looks)
      if (auto found = state_->run_iterator(skeleton->progs.find_sockets); !found) return found;
    skeleton->bss->listeners_known = 1;
  }
  return success();
}

void Session::forget(const std::vector<pid_t>& processes) {
  const int targets = bpf_map__fd(state_->skeleton->maps.targets);
  for (const pid_t process : processes) {
    const auto key = static_cast<std::uint32_t>(process);
    (void)bpf_map_delete_elem(targets, &key);
    state_->drop_go(process);
    state_->looked_for_go.erase(process);
  }
}

std::size_t Session::drain(const std::function<void(std::span<const std::byte>)>& sink) {
  state_->sink = &sink;
  const int records = ring_buffer__consume(state_->ring);
  return (records > 0 ? static_cast<std::size_t>(records) : 0) + drain_late_ends(sink);
}

// Not before the ring: what it holds of these connections is older.
std::size_t Session::drain_late_ends(const std::function<void(std::span<const std::byte>)>& sink) {
  const int ends = bpf_map__fd(state_->skeleton->maps.late_ends);
  pl_close close{};
  std::size_t n = 0;
  for (; n < PL_LATE_ENDS && bpf_map_lookup_and_delete_elem(ends, nullptr, &close) == 0; n++)
    sink(std::as_bytes(std::span(&close, 1)));
  return n;
}

Counters Session::counters() const {
  return sum_of_cpus<PL_COUNTERS>(bpf_map__fd(state_->skeleton->maps.counters));
}

LostRecords Session::lost_records() const {
  const int map = bpf_map__fd(state_->skeleton->maps.counters);
  return {sum_of_cpus(map, PL_COUNT_LOST_TURNS), sum_of_cpus(map, PL_COUNT_LOST_PARTS)};
}

ProfileCounters Session::profile_counters() const {
  return sum_of_cpus<PL_PROFILE_COUNTERS>(bpf_map__fd(state_->skeleton->maps.profile_counters));
}

std::vector<LockEntry> Session::locks() const {
  std::vector<LockEntry> all;
  const int map = bpf_map__fd(state_->skeleton->maps.locks);
  LockEntry entry{};
  const pl_lock_key* previous = nullptr;
  pl_lock_key key{};
  while (bpf_map_get_next_key(map, previous, &entry.key) == 0) {
    if (bpf_map_lookup_elem(map, &entry.key, &entry.value) == 0) all.push_back(entry);
    key = entry.key;
    previous = &key;
  }
  return all;
}

std::vector<PeerEntry> Session::peers() const {
  std::vector<PeerEntry> all;
  const int map = bpf_map__fd(state_->skeleton->maps.peers);
  PeerEntry entry{};
  const pl_peer* previous = nullptr;
  pl_peer key{};
  while (bpf_map_get_next_key(map, previous, &entry.peer) == 0) {
    if (bpf_map_lookup_elem(map, &entry.peer, &entry.calls) == 0) all.push_back(entry);
    key = entry.peer;
    previous = &key;
  }
  return all;
}

std::uint64_t Session::lost_peer_calls() const {
  return state_->skeleton->bss->peer_calls_lost;
}

std::vector<KernelStack> Session::new_kernel_stacks() {
  std::vector<KernelStack> fresh;
  const int map = bpf_map__fd(state_->skeleton->maps.kernel_stacks);
  std::uint32_t key = 0;
  const std::uint32_t* previous = nullptr;
  std::uint32_t next = 0;
  while (bpf_map_get_next_key(map, previous, &next) == 0) {
    std::array<std::uint64_t, kStackDepth> addresses{};
    if (state_->stacks_seen.insert(next).second && bpf_map_lookup_elem(map, &next, addresses.data()) == 0) {
      KernelStack stack{next, {}};
      for (const auto address : addresses)
        if (address) stack.addresses.push_back(address);
      fresh.push_back(std::move(stack));
    }
    key = next;
    previous = &key;
  }
  return fresh;
}

void Session::name_stack(std::uint32_t id, pl_state state) {
  const auto value = static_cast<std::uint32_t>(state);
  bpf_map_update_elem(bpf_map__fd(state_->skeleton->maps.stack_states), &id, &value, BPF_ANY);
}

Status Session::set_statistics(bool on) {
  if (!on) {
    state_->statistics.reset();
    return success();
  }
  state_->statistics = Fd(bpf_enable_stats(BPF_STATS_RUN_TIME));
  if (!state_->statistics.valid())
    return fail("BPF run-time statistics refused: " + std::string(strerror(errno)));
  return success();
}

std::size_t Session::ring_bytes() const {
  return bpf_map__max_entries(state_->skeleton->maps.ring);
}

std::vector<ProgramCost> Session::costs() const {
  std::vector<ProgramCost> all;
  for (const auto& attached : state_->links) {
    bpf_prog_info info{};
    std::uint32_t size = sizeof(info);
    if (bpf_obj_get_info_by_fd(bpf_program__fd(state_->program(*attached.hook)), &info, &size) != 0) continue;
    all.push_back({attached.hook->program, info.run_cnt, info.run_time_ns,
                   attached.signal->mends ? 0 : info.recursion_misses});
  }
  const auto& progs = state_->skeleton->progs;
  for (const bpf_program* program : {progs.go_tick, progs.go_world_stops, progs.go_world_starts}) {
    bpf_prog_info info{};
    std::uint32_t size = sizeof(info);
    const int fd = bpf_program__fd(program);
    if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0)
      all.push_back({bpf_program__name(program), info.run_cnt, info.run_time_ns, 0});
  }
  return all;
}

Capabilities Session::needed_privileges() const {
  const int map = bpf_map__fd(state_->skeleton->maps.targets);
  bool free = false;
  std::thread([&] {
    const std::uint32_t none = 0;
    std::uint8_t value = 0;
    if (keep_capabilities(0)) free = bpf_map_lookup_elem(map, &none, &value) == 0 || errno == ENOENT;
  }).join();
  const bool opens_events =
      state_->watches_stops() || std::ranges::any_of(state_->links, [](const State::Link& attached) {
        const Kind kind = attached.hook->kind;
        return attached.signal->pausable && (kind == Kind::kprobe || kind == Kind::kretprobe);
      });
  Capabilities needed = kept_privileges();
  if (!free) needed |= capability_bit(CAP_BPF);
  if (!free || opens_events) needed |= capability_bit(CAP_PERFMON);
  if (opens_events) needed |= capability_bit(CAP_SYS_ADMIN);  // Debian's perf_event_paranoid of 3 asks for it
  return needed;
}

void Session::set_heads_only(bool on) {
  state_->skeleton->bss->heads_only = on ? 1 : 0;
}

void Session::pause() {
  state_->skeleton->bss->epoch++;
  for (auto& attached : state_->links) {
    if (!attached.signal->pausable) continue;
    bpf_link__destroy(attached.link);
    attached.link = nullptr;
  }
}

Status Session::resume() {
  for (auto& attached : state_->links) {
    if (attached.link) continue;
    attached.link = bpf_program__attach(state_->program(*attached.hook));
    if (!attached.link)
      return fail(std::string("cannot attach to ") + attached.hook->place + " again: " + std::strerror(errno),
                  ExitCode::failed);
  }
  state_->skeleton->bss->epoch++;
  return success();
}

Result<std::vector<GoProcess>> Session::look_at_executed() {
  return state_->look_at_executed();
}

const std::vector<GoProcess>& Session::go_processes() const {
  return state_->go_processes;
}

bool Session::goroutine_ticks_refused() const {
  return state_->ticks_refused && state_->has_goroutines();
}

std::uint32_t Session::listeners_found() const {
  return state_->skeleton->bss->listeners_found;
}

std::uint32_t Session::connections_found() const {
  return state_->skeleton->bss->connections_found;
}

}  // namespace plateau::probe
