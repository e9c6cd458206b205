// How long to wait before the next try: twice as long each time, spread so that many exporters do not come at
// once. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace plateau::sink::otlp {

class Backoff {
 public:
  static constexpr std::uint64_t kFirstNs = 1'000'000'000, kMostNs = 30'000'000'000,
                                 kGiveUpNs = 300'000'000'000;

  // After a failure at `now_ns`: when to try again; nullopt: not any more. `random`: 64 bits.
  std::optional<std::uint64_t> next(std::uint64_t now_ns, std::uint64_t retry_after_ns,
                                    std::uint64_t random) {
    if (failures_++ == 0) first_ns_ = now_ns;
    const std::uint64_t full = std::min(kMostNs, kFirstNs << std::min(failures_ - 1, 8u));
    const std::uint64_t spread = full / 2 + random % (full / 2 + 1);  // from half of it to all
    const std::uint64_t due_ns = now_ns + std::max(spread, std::min(retry_after_ns, 2 * kGiveUpNs));
    if (due_ns > first_ns_ + kGiveUpNs) return std::nullopt;
    return due_ns;
  }
  unsigned failures() const { return failures_; }

 private:
  unsigned failures_ = 0;
  std::uint64_t first_ns_ = 0;
};

}  // namespace plateau::sink::otlp
