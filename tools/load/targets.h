// Which request targets are asked for, how often, and in what order. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace plateau::load {

struct Target {
  std::string path;  // begins with '/', no blanks
  std::uint32_t weight = 1;

  bool operator==(const Target&) const = default;
};

inline constexpr std::uint32_t kMaxWeight = 10'000;

// "/path" or "/path@weight"; what follows an '@' is a weight only if it is all digits. A usage error where
// there is no path, or a weight beyond 1 to kMaxWeight.
Result<Target> parse_target(std::string_view text);

// The order in which targets are taken: a cycle in which each has exactly its share. Without a seed they are
// spread as evenly as may be (equal weights: in turn); with one, the cycle is shuffled, the same for the same
// seed everywhere.
class TargetOrder {
 public:
  TargetOrder(const std::vector<Target>& targets, std::optional<std::uint64_t> seed);

  // The place in `targets` of the `index`-th request of the run.
  std::uint32_t at(std::uint64_t index) const {
    return cycle_.size() == 1 ? cycle_.front() : cycle_[index % cycle_.size()];
  }
  std::size_t cycle_length() const { return cycle_.size(); }

 private:
  std::vector<std::uint32_t> cycle_;
};

}  // namespace plateau::load
