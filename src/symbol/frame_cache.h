// A bounded map from address to frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "symbol/frame.h"

namespace plateau::symbol {

// Two generations: when the young one is full it becomes the old one, and the old one is dropped. What is
// looked up moves to the young one, so what is in use survives. Holds at most twice `generation` frames.
class FrameCache {
 public:
  explicit FrameCache(std::size_t generation) : generation_(generation) {}

  // Null if not there. Valid until the next call.
  const Frame* find(std::uint64_t address) {
    if (const auto young = young_.find(address); young != young_.end()) return &young->second;
    const auto old = old_.find(address);
    return old == old_.end() ? nullptr : &put(address, std::move(old->second));
  }

  const Frame& put(std::uint64_t address, Frame frame) {
    if (young_.size() >= generation_) old_ = std::exchange(young_, {});
    return young_.insert_or_assign(address, std::move(frame)).first->second;
  }

  void clear() {
    young_.clear();
    old_.clear();
  }

  std::size_t size() const { return young_.size() + old_.size(); }

 private:
  std::size_t generation_;
  std::unordered_map<std::uint64_t, Frame> young_, old_;
};

}  // namespace plateau::symbol
