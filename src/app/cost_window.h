// When the probes' run time is counted, and which count holds.
#pragma once

#include <cstdint>

namespace plateau::app {

// Counting slows every probe on the machine, so it is done for a tenth of a second in which there are
// requests. Of a window with few of them the figure is mostly what the machine's other threads cost by being
// switched, and would be taken for many times a request's cost once there are more: windows are repeated, a
// few times, until one has enough, and the one with the most holds. Pure.
class CostWindow {
 public:
  enum class Action : std::uint8_t { none, open, close };

  static constexpr std::uint64_t kEnough = 50;  // requests

  // Called often, with the time since the attach. What it asks for is to be answered by one of the next two.
  Action step(std::uint64_t since_attach_ns, std::uint64_t turns);
  void opened(std::uint64_t run_ns) { run_ns_ = run_ns; }
  void refused() { state_ = State::done; }
  // True: it is the one that holds.
  bool closed(std::uint64_t run_ns);

  bool done() const { return state_ == State::done; }
  // Its cost is that of a request, at whatever rate they come.
  bool enough() const { return best_.requests >= kEnough; }

  struct Figures {
    std::uint64_t length_ns = 0;
    std::uint64_t run_ns = 0;
    std::uint64_t requests = 0;
  };
  const Figures& best() const { return best_; }

 private:
  enum class State : std::uint8_t { before, open, done };

  State state_ = State::before;
  unsigned windows_ = 0;  // that had requests
  std::uint64_t start_ns_ = 0;
  std::uint64_t run_ns_ = 0;
  std::uint64_t turns_ = 0;  // at the last step before the window, or at its beginning
  Figures now_;
  Figures best_;
};

}  // namespace plateau::app
