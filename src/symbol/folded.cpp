#include "symbol/folded.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace plateau::symbol {

std::string folded_name(std::string_view name) {
  if (name.empty()) return "[unknown]";
  std::string result(name);
  for (char& c : result) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ';') c = ':';
    if (byte <= ' ' || byte == 0x7f) c = '_';
  }
  return result;
}

std::string fold(std::span<const std::string> innermost_first) {
  std::string line;
  for (auto frame = innermost_first.rbegin(); frame != innermost_first.rend(); ++frame) {
    if (frame != innermost_first.rbegin()) line += ';';
    line += folded_name(*frame);
  }
  return line;
}

FoldedStacks::FoldedStacks(std::size_t max_stacks, std::size_t max_bytes)
    : max_stacks_(max_stacks), max_bytes_(max_bytes) {}

void FoldedStacks::add(std::span<const std::string> innermost_first, std::uint64_t weight) {
  if (innermost_first.empty()) return;
  auto stack = fold(innermost_first);
  if (const auto known = weights_.find(stack); known != weights_.end()) {
    known->second += weight;
    return;
  }
  if (weights_.size() >= max_stacks_ || stack.size() > max_bytes_ - bytes_) {
    ++dropped_adds_;
    dropped_weight_ += weight;
    return;
  }
  bytes_ += stack.size();
  weights_.emplace(std::move(stack), weight);
}

std::string FoldedStacks::text() const {
  std::vector<std::pair<std::string_view, std::uint64_t>> sorted(weights_.begin(), weights_.end());
  std::sort(sorted.begin(), sorted.end());
  std::string result;
  for (const auto& [stack, weight] : sorted) {
    result.append(stack).append(1, ' ').append(std::to_string(weight)).append(1, '\n');
  }
  return result;
}

}  // namespace plateau::symbol
