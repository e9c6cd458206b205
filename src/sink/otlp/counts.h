// What was exported over OTLP, and what was not. Read and written by any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plateau::sink::otlp {

enum class Signal : std::uint8_t { metrics, traces };
inline constexpr std::size_t kSignals = 2;
inline constexpr std::array<std::string_view, kSignals> kSignalNames{"metrics", "traces"};

enum class Drop : std::uint8_t {
  rate,        // more requests in a second than may have spans
  unsampled,   // slow, but the caller's trace is not sampled
  queue_full,  // while the receiver was away
  refused,     // by the receiver, for good
  gave_up,     // after too long a time of tries
  rejected,    // a part of what was taken, as the receiver said (partial_success)
  stopped,     // not delivered when Plateau ended
};
inline constexpr std::size_t kDrops = 7;
inline constexpr std::array<std::string_view, kDrops> kDropNames{
    "rate", "unsampled", "queue_full", "refused", "gave_up", "rejected", "stopped"};

// Spans of traces, data points of metrics.
struct Counts {
  using Count = std::atomic<std::uint64_t>;
  std::array<Count, kSignals> sent{};
  std::array<Count, kSignals> retries{};  // of a whole message
  std::array<std::array<Count, kDrops>, kSignals> dropped{};
  Count queue_bytes{0};

  Count& sent_of(Signal signal) { return sent[static_cast<std::size_t>(signal)]; }
  Count& retries_of(Signal signal) { return retries[static_cast<std::size_t>(signal)]; }
  void drop(Signal signal, Drop cause, std::uint64_t items) {
    dropped[static_cast<std::size_t>(signal)][static_cast<std::size_t>(cause)] += items;
  }
  std::uint64_t dropped_of(Signal signal, Drop cause) const {
    return dropped[static_cast<std::size_t>(signal)][static_cast<std::size_t>(cause)];
  }
};

}  // namespace plateau::sink::otlp
