#include "httpd/spin.h"

#include "base/clock.h"
#include "httpd/stamp_clock.h"

namespace plateau::httpd {

// Spins on the wall clock, which is cheap to read, and makes up on the thread's CPU clock for time it was not
// running.
SpinTimes spin_cpu(std::uint64_t ns) {
  const std::uint64_t cpu_end = clock_ns(CLOCK_THREAD_CPUTIME_ID) + ns;
  SpinTimes times{stamp_clock().now(), 0};
  std::uint64_t wall_end = times.begin + ns;
  do {
    spin_until_ns(wall_end);
    const std::uint64_t cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    times.end = stamp_clock().now();
    if (cpu >= cpu_end) break;
    wall_end = times.end + (cpu_end - cpu);
  } while (true);
  return times;
}

void spin_until_ns(std::uint64_t deadline_ns) {
  while (stamp_clock().now() < deadline_ns) {
  }
}

}  // namespace plateau::httpd
