#include "app/cost_window.h"

#include <utility>

namespace plateau::app {
namespace {

constexpr std::uint64_t kAfterNs = 300'000'000;  // the first requests after the attach are dearer
constexpr std::uint64_t kLengthNs = 100'000'000;
constexpr unsigned kMostWindows = 20;

}  // namespace

CostWindow::Action CostWindow::step(std::uint64_t since_attach_ns, std::uint64_t turns) {
  if (state_ == State::before) {
    const bool busy = turns != std::exchange(turns_, turns);
    if (!busy || since_attach_ns <= kAfterNs) return Action::none;
    start_ns_ = since_attach_ns;
    state_ = State::open;
    return Action::open;
  }
  if (state_ == State::done || since_attach_ns - start_ns_ <= kLengthNs) return Action::none;
  now_ = {since_attach_ns - start_ns_, 0, turns - std::exchange(turns_, turns)};
  return Action::close;
}

bool CostWindow::closed(std::uint64_t run_ns) {
  now_.run_ns = run_ns - run_ns_;
  windows_ += now_.requests != 0;
  const bool best = now_.requests > best_.requests;
  if (best) best_ = now_;
  state_ = enough() || windows_ >= kMostWindows ? State::done : State::before;
  return best;
}

}  // namespace plateau::app
