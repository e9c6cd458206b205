#include "probe/session.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <unordered_set>

#include "base/fd.h"
#include "plateau.skel.h"
#include "probe/calls.h"

namespace plateau::probe {
namespace {

constexpr std::size_t kStackDepth = 16;  // bpf/sched.bpf.c, kernel_stacks

// libbpf's last warning, for the one line that the user gets.
thread_local std::string last_warning;

int keep_warning(libbpf_print_level level, const char* format, va_list args) {
  if (level != LIBBPF_WARN) return 0;
  char line[512];
  std::vsnprintf(line, sizeof(line), format, args);
  last_warning = line;
  while (!last_warning.empty() && last_warning.back() == '\n') last_warning.pop_back();
  return 0;
}

std::size_t power_of_two_pages(std::size_t bytes) {
  std::size_t size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  while (size < bytes) size *= 2;
  return size;
}

Error load_error(int error) {
  if (error == -EPERM || error == -EACCES)
    return fail("the kernel refuses the probes (" + std::string(strerror(-error)) + "): " + last_warning +
                    "; run as root, or with CAP_BPF and CAP_PERFMON",
                ExitCode::unsupported);
  return fail("the kernel refuses the probes (" + std::string(strerror(-error)) + "): " + last_warning,
              ExitCode::unsupported);
}

// Leaves the kernel's defaults where they cannot be read.
void set_ephemeral_ports(plateau_bpf& skeleton) {
  std::ifstream in("/proc/sys/net/ipv4/ip_local_port_range");
  std::uint16_t first = 0, last = 0;
  if (!(in >> first >> last)) return;
  skeleton.rodata->first_ephemeral_port = first;
  skeleton.rodata->last_ephemeral_port = last;
}

}  // namespace

struct Session::State {
  plateau_bpf* skeleton = nullptr;
  struct Link {
    const Signal* signal;
    bpf_link* link;  // null: off
  };
  std::vector<Link> links;
  ring_buffer* ring = nullptr;
  const std::function<void(std::span<const std::byte>)>* sink = nullptr;
  Fd statistics;
  std::unordered_set<std::uint32_t> stacks_seen;

  ~State() {
    ring_buffer__free(ring);
    for (const Link& attached : links) bpf_link__destroy(attached.link);
    plateau_bpf__destroy(skeleton);
  }

  bpf_program* program(const Signal& signal) const {
    return bpf_object__find_program_by_name(skeleton->obj, signal.program);
  }

  Status open_skeleton(const Plan& plan, const SessionOptions& options);
  Status drop_refused(Plan& plan, const SessionOptions& options);
  Status load(Plan& plan, const SessionOptions& options);
  Status attach(Plan& plan);
  void detach_taken_away(const Plan& plan);
  Status run_iterator(bpf_program* iterator);

  static int on_record(void* context, void* data, std::size_t size) {
    const auto* state = static_cast<State*>(context);
    (*state->sink)({static_cast<const std::byte*>(data), size});
    return 0;
  }
};

Status Session::State::open_skeleton(const Plan& plan, const SessionOptions& options) {
  plateau_bpf__destroy(skeleton);
  skeleton = plateau_bpf__open();
  if (!skeleton) return load_error(-errno);
  bpf_map__set_max_entries(skeleton->maps.ring,
                           static_cast<std::uint32_t>(power_of_two_pages(options.ring_bytes)));
  fill_calls(skeleton->rodata->calls);
  set_ephemeral_ports(*skeleton);
  skeleton->rodata->nr_futex = SYS_futex;
  skeleton->rodata->nr_sendfile = SYS_sendfile;
  skeleton->rodata->nr_splice = SYS_splice;
  skeleton->rodata->nr_sendto = SYS_sendto;
  skeleton->rodata->nr_io_uring_enter = SYS_io_uring_enter;
  for (const auto& choice : plan.choices)
    bpf_program__set_autoload(program(*choice.signal), choice.available);
  return success();
}

// One refused program makes the kernel refuse them all: each optional one is tried beside the required ones.
Status Session::State::drop_refused(Plan& plan, const SessionOptions& options) {
  for (auto& choice : plan.choices) {
    if (choice.signal->required || !choice.available) continue;
    Plan alone = plan;
    for (auto& other : alone.choices)
      other.available = other.available && (other.signal->required || other.signal == choice.signal);
    if (auto opened = open_skeleton(alone, options); !opened) return opened;
    if (plateau_bpf__load(skeleton) == 0) continue;
    take_away(plan, *choice.signal, "the kernel refuses it: " + last_warning);
  }
  return success();
}

Status Session::State::load(Plan& plan, const SessionOptions& options) {
  if (auto opened = open_skeleton(plan, options); !opened) return opened;
  int error = plateau_bpf__load(skeleton);
  if (error == 0) return success();
  if (error == -EPERM) return load_error(error);
  if (auto dropped = drop_refused(plan, options); !dropped) return dropped;
  if (auto opened = open_skeleton(plan, options); !opened) return opened;
  error = plateau_bpf__load(skeleton);
  return error == 0 ? success() : Status(load_error(error));
}

Status Session::State::attach(Plan& plan) {
  for (auto& choice : plan.choices) {
    if (!choice.available || !choice.signal->tracepoint) continue;
    bpf_link* link = bpf_program__attach(program(*choice.signal));
    if (link) {
      links.push_back({choice.signal, link});
      continue;
    }
    const std::string why = std::strerror(errno);
    if (choice.signal->required)
      return fail(std::string("cannot attach to ") + choice.provider + ": " + why, ExitCode::unsupported);
    take_away(plan, *choice.signal, "the kernel refuses to attach it: " + why);
  }
  detach_taken_away(plan);
  return success();
}

void Session::State::detach_taken_away(const Plan& plan) {
  std::erase_if(links, [&](const Link& attached) {
    const auto choice = std::find_if(plan.choices.begin(), plan.choices.end(),
                                     [&](const Choice& c) { return c.signal == attached.signal; });
    if (choice->available) return false;
    bpf_link__destroy(attached.link);
    return true;
  });
}

Status Session::State::run_iterator(bpf_program* iterator) {
  bpf_link* link = bpf_program__attach_iter(iterator, nullptr);
  if (!link) return fail(std::string("cannot run the iterator ") + bpf_program__name(iterator));
  {
    const Fd fd(bpf_iter_create(bpf_link__fd(link)));
    char discarded[64];
    while (fd.valid() && read(fd.get(), discarded, sizeof(discarded)) > 0) {
    }
  }
  bpf_link__destroy(link);
  return success();
}

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::open(Plan& plan, const std::vector<pid_t>& processes,
                                               const SessionOptions& options) {
  libbpf_set_print(keep_warning);
  auto state = std::make_unique<State>();
  if (auto loaded = state->load(plan, options); !loaded) return loaded.error();
  state->ring =
      ring_buffer__new(bpf_map__fd(state->skeleton->maps.ring), State::on_record, state.get(), nullptr);
  if (!state->ring) return fail("cannot map the ring buffer: " + std::string(strerror(errno)));
  if (auto attached = state->attach(plan); !attached) return attached.error();
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
  auto* skeleton = state_->skeleton;
  if (auto found = state_->run_iterator(skeleton->progs.find_threads); !found) return found;
  if (!bpf_program__autoload(skeleton->progs.find_sockets)) return success();
  for (const std::uint32_t connections : {0u, 1u}) {
    skeleton->bss->want_connections = connections;
    if (auto found = state_->run_iterator(skeleton->progs.find_sockets); !found) return found;
  }
  return success();
}

std::size_t Session::drain(const std::function<void(std::span<const std::byte>)>& sink) {
  state_->sink = &sink;
  const int records = ring_buffer__consume(state_->ring);
  return records > 0 ? static_cast<std::size_t>(records) : 0;
}

Counters Session::counters() const {
  Counters sum{};
  const int map = bpf_map__fd(state_->skeleton->maps.counters);
  std::vector<std::uint64_t> per_cpu(static_cast<std::size_t>(libbpf_num_possible_cpus()));
  for (std::uint32_t key = 0; key < PL_COUNTERS; key++) {
    if (bpf_map_lookup_elem(map, &key, per_cpu.data()) != 0) continue;
    for (const auto value : per_cpu) sum[key] += value;
  }
  return sum;
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

std::vector<ProgramCost> Session::costs() const {
  std::vector<ProgramCost> all;
  for (const auto& signal : signals()) {
    const int fd = bpf_program__fd(state_->program(signal));
    if (fd < 0) continue;
    bpf_prog_info info{};
    std::uint32_t size = sizeof(info);
    if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) continue;
    all.push_back({signal.program, info.run_cnt, info.run_time_ns, info.recursion_misses});
  }
  return all;
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
    attached.link = bpf_program__attach(state_->program(*attached.signal));
    if (!attached.link)
      return fail(
          std::string("cannot attach to ") + attached.signal->tracepoint + " again: " + std::strerror(errno),
          ExitCode::failed);
  }
  state_->skeleton->bss->epoch++;
  return success();
}

std::uint32_t Session::listeners_found() const {
  return state_->skeleton->bss->listeners_found;
}

std::uint32_t Session::connections_found() const {
  return state_->skeleton->bss->connections_found;
}

}  // namespace plateau::probe
