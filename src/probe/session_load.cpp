// Getting the programs into the kernel, as many of them as it takes.
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
#include <string>
#include <string_view>

#include "probe/calls.h"
#include "probe/go_probes.h"
#include "probe/session_state.h"

namespace plateau::probe {
namespace {

// What libbpf has complained of since the last load began, for the one line that the user gets.
struct Complaint {
  std::string warning;   // the last one
  std::string program;   // the first one that it named: the one that was refused
  std::string verifier;  // what the kernel's verifier said of it last
};
thread_local Complaint complaint;

constexpr std::string_view kOfProgram = "libbpf: prog '";
constexpr std::string_view kSummary = "\nprocessed ";
constexpr std::string_view kGoPrograms = "go_";  // those of no signal: goroutines.cpp, go_stops.cpp
constexpr std::string_view kStopPrograms = "go_world_";
constexpr std::string_view kLogBegins = "-- BEGIN PROG LOAD LOG --";

std::string last_line(std::string_view text) {
  const auto end = text.find_last_not_of('\n');
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  return std::string(text.substr(text.rfind('\n') + 1));
}

void note(const std::string& line) {
  complaint.warning = last_line(line);
  if (!line.starts_with(kOfProgram)) return;
  if (complaint.program.empty())
    complaint.program =
        line.substr(kOfProgram.size(), line.find('\'', kOfProgram.size()) - kOfProgram.size());
  if (line.find(kLogBegins) != std::string::npos)
    complaint.verifier = last_line(line.substr(0, line.rfind(kSummary)));
}

int keep_warning(libbpf_print_level level, const char* format, va_list args) {
  if (level != LIBBPF_WARN) return 0;
  va_list again;
  va_copy(again, args);
  std::string line(static_cast<std::size_t>(std::max(0, std::vsnprintf(nullptr, 0, format, again))) + 1,
                   '\0');
  va_end(again);
  std::vsnprintf(line.data(), line.size(), format, args);
  line.pop_back();
  note(line);
  return 0;
}

std::size_t power_of_two_pages(std::size_t bytes) {
  std::size_t size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  while (size < bytes) size *= 2;
  return size;
}

// "Permission denied: R1 invalid mem access 'scalar'".
std::string refusal(int error) {
  const std::string& why = complaint.verifier.empty() ? complaint.warning : complaint.verifier;
  return with_remedy(strerror(-error) + (why.empty() ? "" : ": " + why));
}

// Whoever has the privileges is not helped by being told of them: plan.h, check().
Error load_error(int error) {
  const std::string what = complaint.program.empty() ? "the probes" : "the program " + complaint.program;
  return fail("the kernel refuses " + what + ": " + refusal(error), ExitCode::unsupported);
}

// Leaves the kernel's defaults where they cannot be read.
void set_ephemeral_ports(plateau_bpf& skeleton) {
  std::ifstream in("/proc/sys/net/ipv4/ip_local_port_range");
  std::uint16_t first = 0, last = 0;
  if (!(in >> first >> last)) return;
  skeleton.rodata->first_ephemeral_port = first;
  skeleton.rodata->last_ephemeral_port = last;
}

const Signal* signal_of(const Plan& plan, std::string_view program) {
  for (const auto& choice : plan.choices)
    for (const Hook* hook : choice.hooks)
      if (program == hook->program) return choice.signal;
  return nullptr;
}

}  // namespace

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
  skeleton->rodata->sample_interval_ns = options.holder_interval_ns;
  skeleton->rodata->profile_copies_stack = options.frame_pointers ? 0 : 1;
  skeleton->rodata->profile_period_ns = 1'000'000'000 / options.frequency_hz;
  bpf_program* unchosen = nullptr;
  bpf_object__for_each_program(unchosen, skeleton->obj) bpf_program__set_autoload(unchosen, false);
  for (const auto& choice : plan.choices)
    for (const Hook* hook : choice.hooks) bpf_program__set_autoload(program(*hook), true);
  size_goroutines();
  return success();
}

// One refused program makes the kernel refuse them all: its signal is given in another way, or goes.
Status Session::State::load(Plan& plan, const SessionOptions& options) {
  for (;;) {
    complaint = {};
    if (auto opened = open_skeleton(plan, options); !opened) return opened;
    const int error = plateau_bpf__load(skeleton);
    if (error == 0) return success();
    if (stops_refused.empty() && complaint.program.starts_with(kStopPrograms)) {
      stops_refused = "the kernel refuses the probes: " + refusal(error);
      continue;
    }
    if (!ticks_refused && complaint.program.starts_with(kGoPrograms)) {
      ticks_refused = true;
      continue;
    }
    const Signal* signal = signal_of(plan, complaint.program);
    if (!signal) return load_error(error);
    if (!reject(plan, *signal, "the kernel refuses it: " + refusal(error)) && signal->required)
      return load_error(error);
  }
}

Status Session::State::attach_choice(const Choice& choice) {
  for (const Hook* hook : choice.hooks) {
    if (hook->kind == Kind::iter || hook->kind == Kind::perf_event) continue;
    bpf_link* link = bpf_program__attach(program(*hook));
    if (!link)
      return fail(std::string("the kernel refuses ") + kKindNames[static_cast<std::size_t>(hook->kind)] +
                  " on " + hook->place + ": " + std::strerror(errno));
    links.push_back({choice.signal, hook, link});
  }
  return success();
}

Result<const Signal*> Session::State::attach(Plan& plan) {
  for (auto& choice : plan.choices) {
    if (!choice.available) continue;
    const auto attached = attach_choice(choice);
    if (attached) continue;
    if (reject(plan, *choice.signal, attached.error().message)) return choice.signal;
    if (choice.signal->required)
      return fail(std::string("cannot tell '") + choice.signal->name + "': " + choice.reason,
                  ExitCode::unsupported);
  }
  std::erase_if(links, [&](const Link& link) {
    const bool kept = std::ranges::any_of(
        plan.choices, [&](const Choice& choice) { return choice.signal == link.signal && choice.available; });
    if (!kept) bpf_link__destroy(link.link);
    return !kept;
  });
  return static_cast<const Signal*>(nullptr);
}

// Each turn takes one provider from the plan.
Status Session::State::put_on(Plan& plan, const SessionOptions& options) {
  libbpf_set_print(keep_warning);
  for (;;) {
    if (auto loaded = load(plan, options); !loaded) return loaded;
    if (auto told = tell_layouts(go_processes); !told) return told;
    const auto refused = attach(plan);
    if (!refused) return refused.error();
    if (!*refused) return success();
    drop_links();
  }
}

Status Session::try_out(Plan& plan) {
  libbpf_set_print(keep_warning);
  State trial;
  trial.tell_waits = plan.detail == kGoProbesDetail;
  const auto left = [&plan] {
    return std::ranges::count_if(plan.choices, [](const Choice& choice) { return choice.available; });
  };
  Status first = success();
  for (;;) {
    const auto before = left();
    const Status loaded = trial.load(plan, {});
    if (first) first = loaded;
    plan.go_refused = trial.stops_refused;
    if (loaded || left() == before) return first;
  }
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

}  // namespace plateau::probe
