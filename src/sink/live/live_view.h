// What a live view is made of: the capture so far, and what the last seconds brought.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "attribution/recent.h"
#include "attribution/summary.h"
#include "model/verdict.h"

namespace plateau::sink {

struct LiveSnapshot {
  attribution::Summary summary;  // since the capture began
  std::vector<attribution::RecentRequest> slowest;
  std::vector<attribution::RecentSecond> seconds;
};

struct LiveView {
  std::shared_ptr<const LiveSnapshot> now;
  attribution::Summary window;  // the last seconds alone
  model::Verdict verdict;       // of the window
};

// All of the capture in place of its last seconds: of a file, and at the end.
LiveView whole_view(std::shared_ptr<const LiveSnapshot> now);

// Remembers earlier snapshots, few enough to be cheap.
class LiveWindow {
 public:
  // The window goes back this far at least, and twice as far at most, as soon as the capture does.
  static constexpr std::uint64_t kShortestNs = 2'500'000'000;
  // Who looks seldom gets a window that begins at the last look.
  LiveView view(std::shared_ptr<const LiveSnapshot> now);

 private:
  std::shared_ptr<const LiveSnapshot> base_;  // where the window begins; null: at the capture's start
  std::shared_ptr<const LiveSnapshot> next_;
};

}  // namespace plateau::sink
