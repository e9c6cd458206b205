// The events that a profile samples at: ticks of a clock, and page faults.
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
Fd open_event(Sampling sampling, int cpu, unsigned frequency_hz) {
  perf_event_attr attr{};
  attr.size = sizeof(attr);
  attr.type = PERF_TYPE_SOFTWARE;
  if (sampling == Sampling::cpu) {
    attr.config = PERF_COUNT_SW_CPU_CLOCK;
    attr.sample_period = 1'000'000'000 / frequency_hz;
    attr.exclude_idle = 1;
  } else {
    attr.config = PERF_COUNT_SW_PAGE_FAULTS;
    attr.sample_period = kFaultPeriod;
  }
  return Fd(static_cast<int>(syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC)));
}

}  // namespace

void Session::State::attach_events(Plan& plan, Sampling sampling, unsigned frequency_hz) {
  const auto choice = std::find_if(plan.choices.begin(), plan.choices.end(), [&](const Choice& c) {
    return c.available && c.signal->sampling == sampling;
  });
  if (choice == plan.choices.end()) return;
  std::string why;
  std::size_t on = 0;
  for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++) {
    Fd event = open_event(sampling, cpu, frequency_hz);
    if (!event.valid()) {
      if (errno != ENODEV) why = std::strerror(errno);  // ENODEV: a CPU that is not online
      continue;
    }
    bpf_link* link = bpf_program__attach_perf_event(program(*choice->hooks[0]), event.get());
    if (!link) {
      why = std::strerror(errno);
      continue;
    }
    event.release();  // the link closes it
    events.push_back(link);
    on++;
  }
  if (on == 0 || !why.empty()) take_away(plan, *choice->signal, "perf_event_open: " + why);
}

}  // namespace plateau::probe
