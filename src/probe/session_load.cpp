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

#include "probe/calls.h"
#include "probe/session_state.h"

namespace plateau::probe {
namespace {

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
  size_goroutines();
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
  libbpf_set_print(keep_warning);
  if (auto opened = open_skeleton(plan, options); !opened) return opened;
  int error = plateau_bpf__load(skeleton);
  if (error == 0) return success();
  if (error == -EPERM) return load_error(error);
  if (bpf_program__autoload(skeleton->progs.go_tick)) {
    ticks_refused = true;
    if (auto opened = open_skeleton(plan, options); !opened) return opened;
    if (plateau_bpf__load(skeleton) == 0) return success();
    ticks_refused = false;
  }
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

}  // namespace plateau::probe
