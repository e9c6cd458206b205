#include <string>

#include "attribution/event_loops.h"
#include "sink/event_loops.h"
#include "sink/top/parts.h"
#include "sink/words.h"

namespace plateau::sink::top {
namespace {

using attribution::Stage;
using wire::LoopFact;

constexpr std::size_t kRate = 9, kWait = 8, kShare = 7, kRunnable = 9;
constexpr std::size_t kFixed = 1 + kRate + 2 * kWait + 2 * kShare + kRunnable, kShortestName = 8;
constexpr std::size_t kBar = 24, kNameBesideBar = 36;

std::string share(std::uint64_t ns, const LoopFact& loop, std::size_t width) {
  return right(format_percent(ratio(ns, loop.elapsed_ns)), width);
}

std::string who(const LoopFact& loop) {
  std::string text = loop.thread;
  if (loop.threads > 1) text += " x" + std::to_string(loop.threads);
  if (!loop.listeners.empty()) text += " on " + loop_listeners(loop);
  return text;
}

std::string wait_of(const LoopFact& loop, double p) {
  return right(loop.waits ? format_duration(attribution::wait_quantile(loop.buckets, p)) : "-", kWait);
}

// Running and runnable in the stages' letters; what is left blank it waits, or sleeps elsewhere.
Line bar_of(const LoopFact& loop, std::size_t width) {
  StageTimes ns{};
  ns[attribution::index(Stage::cpu)] = loop.run_ns;
  ns[attribution::index(Stage::runqueue)] = loop.runqueue_ns;
  return stage_bar(ns, loop.elapsed_ns, width);
}

}  // namespace

std::vector<Line> loop_screen(const LiveView& view, Size size) {
  const std::size_t room = size.columns > kFixed + kShortestName ? size.columns - kFixed : kShortestName;
  const std::size_t bar = room >= kNameBesideBar + 2 + kBar ? kBar : 0;
  const std::size_t name = bar ? room - bar - 2 : room;
  std::vector<Line> text;
  text.push_back(
      {{" " + left("EVENT LOOP", name) + right("WAITS/S", kRate) + right("P50", kWait) + right("P99", kWait) +
            right("WAIT", kShare) + right("CPU", kShare) + right("RUNNABLE", kRunnable),
        Paint::faint}});
  const auto loops = awake_loops(view.window);
  const std::size_t rows = size.rows ? size.rows : loops.size() + 1;
  const std::size_t shown = loops.size() < rows ? loops.size() : rows > 2 ? rows - 2 : 0;
  for (std::size_t i = 0; i < shown; i++) {
    const LoopFact& loop = loops[i];
    text.push_back(
        {{" " + left(who(loop), name) + right(per_second(waits_per_second(view.window, loop)), kRate) +
          wait_of(loop, 0.5) + wait_of(loop, 0.99) + share(loop.waiting_ns, loop, kShare) +
          share(loop.run_ns, loop, kShare) + share(loop.runqueue_ns, loop, kRunnable) + (bar ? "  " : "")}});
    if (bar)
      for (Span& span : bar_of(loop, bar)) text.back().push_back(std::move(span));
  }
  if (loops.empty()) text.push_back({{" no thread waited for events in this time"}});
  if (shown < loops.size()) text.push_back({{" and " + std::to_string(loops.size() - shown) + " more"}});
  return text;
}

}  // namespace plateau::sink::top
