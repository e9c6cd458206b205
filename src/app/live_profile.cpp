// What a live capture does for a profile.
#include <algorithm>

#include "app/live_source.h"
#include "base/log.h"
#include "base/units.h"
#include "probe/level_cost.h"
#include "target/runtime.h"

namespace plateau::app {
namespace {

constexpr std::size_t kSleepRingBytes = 64u << 20;  // a copied stack for each sleep; as much for each waker
constexpr std::size_t kCpuRingBytes = 32u << 20;    // and for each tick

}  // namespace

// Go keeps frame pointers, and no unwind tables once it is stripped; most other programs are the other way
// round.
probe::SessionOptions LiveSource::session_options() const {
  probe::SessionOptions options;
  options.frequency_hz = options_.frequency_hz;
  options.holder_interval_ns = options_.holder_interval_ns;
  options.frame_pointers =
      std::ranges::all_of(roots_, [](pid_t pid) { return target::runtime_of(pid) == target::Runtime::go; });
  if (options_.profile.cpu || options_.profile.fault) options.ring_bytes = kCpuRingBytes;
  if (options_.profile.sleep) options.ring_bytes = kSleepRingBytes * (options_.profile.waker ? 2 : 1);
  if (options_.ring_bytes) options.ring_bytes = options_.ring_bytes;
  options.before_uprobes = [](const probe::GoProcess& process) {
    log_line("process " + std::to_string(process.pid) +
             ": two probes go on Go's runtime, to tell the garbage collector's pauses: about " +
             format_duration(2 * probe::kUprobeNs) + " more for each stop of the world");
  };
  return options;
}

// Names are wanted from the first stack on.
void LiveSource::start_profile(const SourceHooks& hooks) {
  if (!profiled() || !hooks.stack || !hooks.sample) return;
  kernel_symbols_to_come_.wait();
  take_kernel_symbols();
  stacks_ = std::make_unique<StackNamer>(hooks.stack, hooks.sample, hooks.stacks_anew);
  if (options_.debuginfod) stacks_->ask_debuginfod();
  stacks_->set_kernel_symbols(kernel_symbols_.get());
}

wire::Facts LiveSource::with_profile(wire::Facts facts) const {
  if (!profiled()) return facts;
  const auto counters = session_->profile_counters();
  auto& profile = facts.profile;
  profile.frequency_hz = options_.profile.cpu ? options_.frequency_hz : 0;
  profile.sleeps = options_.profile.sleep;
  profile.fault_period = options_.profile.fault ? probe::kFaultPeriod : 0;
  profile.samples = counters[PL_PROFILE_SAMPLES];
  profile.lost_samples = counters[PL_PROFILE_LOST_SAMPLES];
  profile.lost_ends = counters[PL_PROFILE_LOST_ENDS];
  profile.lost_sleeps = counters[PL_PROFILE_LOST_SLEEPS];
  profile.wakers = options_.profile.waker;
  profile.lost_wakers = counters[PL_PROFILE_LOST_WAKES];
  if (stacks_) profile.lost_stacks = stacks_->lost_stacks();
  return facts;
}

}  // namespace plateau::app
