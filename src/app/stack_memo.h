// Stacks that were walked before, found again without walking: a walk through unwind tables takes a hundred
// microseconds, and a busy server has few different stacks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "wire/event.h"

namespace plateau::app {

// A walk reads return addresses out of the copied stack. A sample with the same instruction pointer and
// kernel stack, and the same return addresses at the same places, has the same stack: where a function keeps
// its caller's address follows from where it is itself.
class StackMemo {
 public:
  explicit StackMemo(std::size_t bound = 16384) : bound_(bound) {}

  // `by`: whose stack it is, where it is told with a name; the same stack of another is another.
  std::optional<std::uint32_t> find(const wire::Sample& sample, std::string_view by = {}) const;

  // `ips`: the whole user stack, innermost first, all the way to its outermost frame. What cannot be found
  // again is not kept.
  void learn(const wire::Sample& sample, std::span<const std::uint64_t> ips, std::uint32_t stack,
             std::string_view by = {});

  // The program has other code in its place now.
  void clear();

 private:
  struct Known {
    std::uint32_t tgid = 0;
    std::uint64_t ip = 0;
    std::uint32_t data_len = 0;  // 0: any
    std::vector<std::uint64_t> kernel;
    std::vector<std::pair<std::uint32_t, std::uint64_t>> returns;  // offset in the copy, address
    std::uint32_t stack = 0;
    std::string by;
  };
  static bool matches(const Known& known, const wire::Sample& sample);

  std::size_t bound_;
  std::size_t size_ = 0;
  std::unordered_map<std::uint64_t, std::vector<Known>> known_;
};

}  // namespace plateau::app
