// The clocks whose ticks a profile samples at.
#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "bpf/wire.h"
#include "probe/session_state.h"

namespace plateau::probe {
namespace {

// A clock of the whole CPU, whatever runs on it: threads come and go by the thousand, and one of their own
// would have to be started and stopped at each switch. The program leaves at once where the thread is not the
// target's.
Fd open_clock(int cpu, std::uint64_t period_ns) {
  perf_event_attr attr{};
  attr.size = sizeof(attr);
  attr.type = PERF_TYPE_SOFTWARE;
  attr.config = PERF_COUNT_SW_CPU_CLOCK;
  attr.sample_period = period_ns;
  attr.exclude_idle = 1;
  return Fd(static_cast<int>(syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC)));
}

}  // namespace

void Session::State::attach_clocks(Plan& plan, unsigned frequency_hz) {
  const auto choice = std::find_if(plan.choices.begin(), plan.choices.end(), [](const Choice& c) {
    return c.available && c.signal->sampling == Sampling::cpu;
  });
  if (choice == plan.choices.end()) return;
  std::string why;
  for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++) {
    Fd clock = open_clock(cpu, 1'000'000'000 / frequency_hz);
    if (!clock.valid()) {
      if (errno != ENODEV) why = std::strerror(errno);  // ENODEV: a CPU that is not online
      continue;
    }
    bpf_link* link = bpf_program__attach_perf_event(program(*choice->hooks[0]), clock.get());
    if (!link) {
      why = std::strerror(errno);
      continue;
    }
    clock.release();  // the link closes it
    clocks.push_back(link);
  }
  if (clocks.empty() || !why.empty()) take_away(plan, *choice->signal, "perf_event_open: " + why);
}

}  // namespace plateau::probe
