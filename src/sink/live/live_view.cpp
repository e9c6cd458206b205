#include "sink/live/live_view.h"

#include <utility>

namespace plateau::sink {
namespace {

std::uint64_t end_of(const LiveSnapshot& snapshot) {
  return snapshot.summary.facts.end_ns;
}

}  // namespace

LiveView whole_view(std::shared_ptr<const LiveSnapshot> now) {
  LiveView view;
  view.window = now->summary;
  view.verdict = model::judge(view.window);
  view.now = std::move(now);
  return view;
}

LiveView LiveWindow::view(std::shared_ptr<const LiveSnapshot> now) {
  if (!next_ || end_of(*now) >= end_of(*next_) + kShortestNs) base_ = std::exchange(next_, now);
  if (!base_ || end_of(*now) <= end_of(*base_)) return whole_view(std::move(now));
  LiveView view;
  view.window = attribution::since(base_->summary, now->summary);
  view.verdict = model::judge(view.window);
  view.now = std::move(now);
  return view;
}

}  // namespace plateau::sink
