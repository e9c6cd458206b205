#include "app/cost_governor.h"

#include <algorithm>

namespace plateau::app {
namespace {

constexpr std::uint64_t kStretchNs = 1'000'000'000;  // judged at a time while everything is looked at
constexpr std::uint64_t kFirstNs =
    300'000'000;  // the first of them: a busy target is not to bear it for long
constexpr std::uint64_t kWindowNs = 250'000'000;       // of looking, between pauses
constexpr std::uint64_t kLongPauseNs = 4'000'000'000;  // windows are made shorter for the pauses' sake
constexpr std::uint64_t kMinWindowNs = 40'000'000;
constexpr std::uint64_t kMaxPauseNs = 5'000'000'000;  // so that something is seen every few seconds
constexpr std::uint64_t kEnoughTurns = 100;           // in a window
constexpr double kSmoothing = 0.5;                    // weight of the latest window: CPU times come in ticks

}  // namespace

void CostGovernor::open_window(const Reading& reading, std::uint64_t length_ns) {
  window_ = reading;
  due_ns_ = reading.now_ns + length_ns;
}

double CostGovernor::pause_per_window() const {
  return full_cost_ / bound_ - 1;
}

CostGovernor::Action CostGovernor::step(const Reading& reading) {
  if (!started_) {
    started_ = true;
    open_window(reading, kFirstNs);
    return Action::none;
  }
  if (paused_) {
    paused_ = false;
    open_window(reading, std::clamp(static_cast<std::uint64_t>(kLongPauseNs / pause_per_window()),
                                    kMinWindowNs, kWindowNs));
    return Action::resume;
  }
  const std::uint64_t turns = reading.turns - window_.turns;
  const double cost = static_cast<double>(turns) * turn_cost_ns_;
  const double cpu = static_cast<double>(reading.target_cpu_ns - window_.target_cpu_ns);
  const auto elapsed = static_cast<double>(reading.now_ns - window_.now_ns);
  const double share = cost / std::max(cpu - cost, elapsed);
  if (governed_ && turns < kEnoughTurns) {  // no traffic: it tells nothing, and costs nothing
    open_window(reading, kWindowNs);
    return Action::none;
  }
  full_cost_ = governed_ ? kSmoothing * share + (1 - kSmoothing) * full_cost_ : share;
  governed_ = full_cost_ > bound_;
  if (!governed_) {
    open_window(reading, kStretchNs);
    return Action::none;
  }
  const auto window_ns = static_cast<double>(std::min(reading.now_ns - window_.now_ns, kWindowNs));
  paused_ = true;
  due_ns_ =
      reading.now_ns + std::min(static_cast<std::uint64_t>(window_ns * pause_per_window()), kMaxPauseNs);
  return Action::pause;
}

}  // namespace plateau::app
