#include "httpd/stamp_clock.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <limits>
#include <string>
#include <thread>

namespace plateau::httpd {
namespace {

constexpr std::uint64_t kLearnNs = 2'000'000;
constexpr std::int64_t kAdjustAfterNs = 20'000'000;
constexpr std::uint64_t kAdjustWithinNs = 50'000'000;
constexpr std::int64_t kJumpNs = 1'000'000;
constexpr int kReadings = 8;

bool kernel_counts_ticks() {
#if defined(__x86_64__)
  std::ifstream file("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  std::string name;
  return std::getline(file, name) && name == "tsc";
#else
  return false;
#endif
}

std::uint64_t rate_of(std::int64_t ns, std::uint64_t ticks) {
  const auto positive = static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 1));
  return static_cast<std::uint64_t>((Wide{positive} << 32) / ticks);
}

}  // namespace

// The tightest of a few brackets, so that being scheduled out in between does no harm.
StampClock::Reading StampClock::read_both() {
  Reading tightest{};
  std::uint64_t width = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < kReadings; ++i) {
    const std::uint64_t before = ticks();
    const std::uint64_t ns = monotonic_ns();
    const std::uint64_t after = ticks();
    if (after - before >= width) continue;
    width = after - before;
    tightest = {before + width / 2, ns};
  }
  return tightest;
}

void StampClock::publish(const Reading& from, std::uint64_t ns_per_tick) {
  const std::uint32_t version = version_.load(std::memory_order_relaxed);
  version_.store(version | 1u, std::memory_order_relaxed);
  from_ticks_.store(from.ticks, std::memory_order_release);
  from_ns_.store(from.ns, std::memory_order_release);
  ns_per_tick_.store(ns_per_tick, std::memory_order_release);
  const std::uint32_t next = (version | 1u) + 1;
  version_.store(next == 0 ? 2 : next, std::memory_order_release);
}

void StampClock::start() {
  const std::lock_guard lock(adjusting_);
  if (counting() || !kernel_counts_ticks()) return;
  const Reading first = read_both();
  std::this_thread::sleep_for(std::chrono::nanoseconds(kLearnNs));
  last_ = read_both();
  if (last_.ticks <= first.ticks) return;
  publish(last_, rate_of(static_cast<std::int64_t>(last_.ns - first.ns), last_.ticks - first.ticks));
}

// The line goes on from where it is, and meets the kernel's within kAdjustWithinNs: no step, unless the
// machine slept.
void StampClock::adjust() {
  const std::unique_lock lock(adjusting_, std::try_to_lock);
  if (!lock || !counting()) return;
  const Reading now = read_both();
  const std::uint64_t counted = now.ticks - last_.ticks;
  const auto ns = static_cast<std::int64_t>(now.ns - last_.ns);
  if (now.ticks <= last_.ticks || ns < kAdjustAfterNs) return;
  const std::uint64_t shown = at(now.ticks);
  const auto behind = static_cast<std::int64_t>(now.ns - shown);
  last_ = now;
  if (behind > kJumpNs || behind < -kJumpNs) return publish(now, rate_of(ns, counted));
  const auto scaled = static_cast<std::int64_t>(static_cast<double>(behind) * static_cast<double>(ns) /
                                                static_cast<double>(kAdjustWithinNs));
  publish({now.ticks, shown}, rate_of(ns + scaled, counted));
}

void StampClock::stop() {
  const std::lock_guard lock(adjusting_);
  version_.store(0, std::memory_order_release);
}

}  // namespace plateau::httpd
