#include "app/progress.h"

#include <unistd.h>

#include <cstdio>

#include "base/units.h"

namespace plateau::app {

Progress::Progress(bool wanted) : on_(wanted && isatty(STDERR_FILENO) == 1) {}

void Progress::show(const wire::Facts& facts, std::uint64_t requests) {
  constexpr std::uint64_t second = 1'000'000'000;
  if (!on_ || facts.end_ns - facts.start_ns < second || facts.end_ns - last_ns_ < second) return;
  last_ns_ = facts.end_ns;
  const std::uint64_t elapsed_ns = facts.end_ns - facts.start_ns;
  const std::uint64_t watched_ns = elapsed_ns - facts.cost.paused_ns;
  const double rate = static_cast<double>(requests) * 1e9 / static_cast<double>(watched_ns);
  std::fprintf(stderr, "\r\033[K%s requests in %s, %s/s", format_count(requests).c_str(),
               format_duration(elapsed_ns).c_str(), format_count(static_cast<std::uint64_t>(rate)).c_str());
  std::fflush(stderr);
  shown_ = true;
}

void Progress::clear() {
  if (shown_) std::fprintf(stderr, "\r\033[K");
  shown_ = false;
}

}  // namespace plateau::app
