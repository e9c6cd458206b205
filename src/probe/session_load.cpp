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
#include "probe/session_state.h"

namespace plateau::probe {
namespace {

// libbpf's last warning, for the one line that the user gets.
thread_local std::string last_warning;
// The program that it first complained of since this was last empty: the one that was refused.
thread_local std::string refused_program;

constexpr std::string_view kOfProgram = "libbpf: prog '";

void note_program(std::string_view line) {
  if (!refused_program.empty() || !line.starts_with(kOfProgram)) return;
  line.remove_prefix(kOfProgram.size());
  refused_program = line.substr(0, line.find('\''));
}

int keep_warning(libbpf_print_level level, const char* format, va_list args) {
  if (level != LIBBPF_WARN) return 0;
  char line[512];
  std::vsnprintf(line, sizeof(line), format, args);
  last_warning = line;
  note_program(last_warning);
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
  bpf_program* unchosen = nullptr;
  bpf_object__for_each_program(unchosen, skeleton->obj) bpf_program__set_autoload(unchosen, false);
  for (const auto& choice : plan.choices)
    for (const Hook* hook : choice.hooks) bpf_program__set_autoload(program(*hook), true);
  return success();
}

// One refused program makes the kernel refuse them all: its signal is given in another way, or goes.
Status Session::State::load(Plan& plan, const SessionOptions& options) {
  for (;;) {
    refused_program.clear();
    if (auto opened = open_skeleton(plan, options); !opened) return opened;
    const int error = plateau_bpf__load(skeleton);
    if (error == 0) return success();
    const Signal* signal = signal_of(plan, refused_program);
    if (!signal) return load_error(error);
    if (!reject(plan, *signal, "the kernel refuses it: " + std::string(strerror(-error))) && signal->required)
      return load_error(error);
  }
}

Status Session::State::attach_choice(const Choice& choice) {
  for (const Hook* hook : choice.hooks) {
    if (hook->kind == Kind::iter) continue;
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
    const auto refused = attach(plan);
    if (!refused) return refused.error();
    if (!*refused) return success();
    drop_links();
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
