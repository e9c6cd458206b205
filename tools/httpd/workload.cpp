#include "httpd/workload.h"

#include "base/clock.h"
#include "httpd/sleep.h"

namespace plateau::httpd {
namespace {

Span& at(StageSpans& spans, Stage stage) {
  return spans[static_cast<std::size_t>(stage)];
}

// Spins on the wall clock, which is cheap to read, and makes up on the thread's CPU clock for time it was not
// running.
Span spin(std::uint64_t ns) {
  const std::uint64_t cpu_end = clock_ns(CLOCK_THREAD_CPUTIME_ID) + ns;
  Span span{monotonic_ns(), 0};
  std::uint64_t wall_end = span.begin + ns;
  do {
    while (monotonic_ns() < wall_end) {
    }
    const std::uint64_t cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    span.end = monotonic_ns();
    if (cpu >= cpu_end) break;
    wall_end = span.end + (cpu_end - cpu);
  } while (true);
  return span;
}

}  // namespace

Workload::Workload(const Options& options) : sleep_ns_(options.sleep_ns), spin_ns_(options.spin_ns) {
  if (options.section == SectionKind::global) section_ = std::make_unique<Section>(options.hold_ns);
}

void Workload::run(StageSpans& spans) {
  if (section_) {
    const SectionPass pass = hold_section(*section_);
    at(spans, Stage::section_wait) = {pass.asked, pass.entered};
    at(spans, Stage::section_hold) = {pass.entered, pass.left};
  }
  if (sleep_ns_ != 0) {
    Span& span = at(spans, Stage::sleep);
    span.begin = monotonic_ns();
    sleep_until_ns(span.begin + sleep_ns_);
    span.end = monotonic_ns();
  }
  if (spin_ns_ != 0) at(spans, Stage::spin) = spin(spin_ns_);
}

}  // namespace plateau::httpd
