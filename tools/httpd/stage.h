// The stages of a request that the server itself knows, and when they were.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plateau::httpd {

// Monotonic nanoseconds; a stage that did not happen begins at 0.
struct Span {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

enum class Stage : std::uint8_t {
  handoff,  // pool: from read to picked up by a worker
  pause,    // waiting at the gate of a stop-the-world
  section_wait,
  section_hold,
  garbage,
  page_fault,
  copy,
  memory_cpu,  // as long as the thread computed in the three before, from where the first began
  disk,
  pool_wait,  // for a connection to the downstream
  downstream,
  sleep,
  spin,
  send  // from the first send call of the response to the return of the last
};
inline constexpr std::array<std::string_view, 14> kStageNames = {
    "handoff",    "pause", "section_wait", "section_hold", "garbage", "page_fault", "copy",
    "memory_cpu", "disk",  "pool_wait",    "downstream",   "sleep",   "spin",       "send"};
using StageSpans = std::array<Span, kStageNames.size()>;

// A bit for each stage.
using StageSet = std::uint32_t;
static_assert(kStageNames.size() <= 32);

constexpr StageSet set_of(Stage stage) {
  return StageSet{1} << static_cast<unsigned>(stage);
}

// Those that happened.
inline StageSet stages_of(const StageSpans& spans) {
  StageSet stages = 0;
  for (std::size_t i = 0; i < spans.size(); ++i) stages |= StageSet{spans[i].begin != 0} << i;
  return stages;
}

inline Span& at(StageSpans& spans, Stage stage) {
  return spans[static_cast<std::size_t>(stage)];
}

}  // namespace plateau::httpd
