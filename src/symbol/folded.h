// Stacks as lines "root;caller;leaf count", the input of flamegraph tools. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace plateau::symbol {

// A name fit for a folded line: ';' becomes ':', and white space and control characters become '_', for the
// tools take ';' for the next frame and anything numeric after a space for a count. Empty becomes
// "[unknown]".
std::string folded_name(std::string_view name);

// "root;...;leaf" out of frames given innermost first. Empty if there are none.
std::string fold(std::span<const std::string> innermost_first);

// Folded stacks and their weights (samples, nanoseconds, bytes: whatever the caller adds), bounded.
class FoldedStacks {
 public:
  // Bounds on the number of different stacks and on the bytes of their text.
  explicit FoldedStacks(std::size_t max_stacks = 65536, std::size_t max_bytes = std::size_t{16} << 20);

  // A stack that does not fit any more is dropped and its weight counted; one already known always fits.
  void add(std::span<const std::string> innermost_first, std::uint64_t weight);

  // One line a stack, in the order of their text, each ended by a newline.
  std::string text() const;

  std::size_t size() const { return weights_.size(); }
  std::uint64_t dropped_adds() const { return dropped_adds_; }
  std::uint64_t dropped_weight() const { return dropped_weight_; }

 private:
  std::unordered_map<std::string, std::uint64_t> weights_;
  std::size_t max_stacks_;
  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::uint64_t dropped_adds_ = 0;
  std::uint64_t dropped_weight_ = 0;
};

}  // namespace plateau::symbol
