#include "sink/event_loops.h"

#include <nlohmann/json.hpp>

#include "attribution/event_loops.h"
#include "sink/words.h"

namespace plateau::sink {
namespace {

using attribution::Summary;
using nlohmann::ordered_json;
using wire::LoopFact;

constexpr std::size_t kTopGroups = 5, kTopListeners = 2;

std::string share(std::uint64_t ns, const LoopFact& loop) {
  return format_percent(ratio(ns, loop.elapsed_ns));
}

std::string line_of(const Summary& summary, const LoopFact& loop) {
  std::string text = "  " + loop.thread;
  if (!loop.listeners.empty()) text += " on " + loop_listeners(loop);
  if (loop.threads > 1) text += " (" + format_count(loop.threads) + " threads)";
  text += ": wait " + share(loop.waiting_ns, loop) + " of the time, on CPU " + share(loop.run_ns, loop) +
          ", runnable " + share(loop.runqueue_ns, loop);
  if (loop.waits)
    text += "; " + per_second(waits_per_second(summary, loop)) + " waits, p50 " +
            format_duration(attribution::wait_quantile(loop.buckets, 0.5)) + ", p99 " +
            format_duration(attribution::wait_quantile(loop.buckets, 0.99));
  return text + "\n";
}

ordered_json figures_of(const LoopFact& loop) {
  ordered_json json{{"threads", loop.threads},       {"listeners", loop.listeners},
                    {"elapsed_ns", loop.elapsed_ns}, {"waits", loop.waits},
                    {"wait_sum_ns", loop.wait_ns},   {"waiting_ns", loop.waiting_ns},
                    {"run_ns", loop.run_ns},         {"runqueue_ns", loop.runqueue_ns}};
  for (const auto& [name, p] : {std::pair{"p50_ns", 0.5}, {"p90_ns", 0.9}, {"p99_ns", 0.99}})
    json[name] = attribution::wait_quantile(loop.buckets, p);
  return json;
}

ordered_json loop_json(const LoopFact& loop) {
  ordered_json json{{"thread", loop.thread},
                    {"pid", loop.tgid},
                    {"tid", loop.tid ? ordered_json(loop.tid) : ordered_json()}};
  json.update(figures_of(loop));
  json["histogram"] = ordered_json::array();
  for (unsigned i = 0; i < loop.buckets.size(); i++)
    if (loop.buckets[i])
      json["histogram"].push_back({{"below_ns", PL_LOOP_BOUND(i + 1)}, {"waits", loop.buckets[i]}});
  return json;
}

}  // namespace

std::vector<LoopFact> awake_loops(const Summary& summary) {
  auto groups = attribution::loop_groups(summary.facts.loops);
  std::erase_if(groups, [](const LoopFact& loop) { return loop.waits == 0 && loop.run_ns == 0; });
  return groups;
}

std::string loop_listeners(const LoopFact& loop) {
  std::string text;
  for (std::size_t i = 0; i < loop.listeners.size() && i < kTopListeners; i++)
    text += (i ? ", " : "") + loop.listeners[i];
  return text + (loop.listeners.size() > kTopListeners ? " …" : "");
}

double waits_per_second(const Summary& summary, const LoopFact& loop) {
  return ratio(loop.waits, summary.facts.end_ns - summary.facts.start_ns) * 1e9;
}

std::string event_loops_text(const Summary& summary) {
  const auto groups = awake_loops(summary);
  if (groups.empty()) return "";
  std::string text = "EVENT LOOPS (sleeps in epoll, poll, select and io_uring's wait)\n";
  for (std::size_t i = 0; i < groups.size() && i < kTopGroups; i++) text += line_of(summary, groups[i]);
  if (groups.size() > kTopGroups) text += format("  … and %zu more\n", groups.size() - kTopGroups);
  if (const auto lost = summary.facts.counters[PL_COUNT_LOST_LOOPS])
    text += "  " + format_count(lost) + " more threads were not looked at: too many at once\n";
  return text;
}

ordered_json awake_loops_json(const Summary& summary, std::size_t most) {
  const auto groups = awake_loops(summary);
  ordered_json json{{"not_looked_at", summary.facts.counters[PL_COUNT_LOST_LOOPS]},
                    {"left_out", groups.size() > most ? groups.size() - most : 0}};
  json["groups"] = ordered_json::array();
  for (std::size_t i = 0; i < groups.size() && i < most; i++) {
    ordered_json group{{"thread", groups[i].thread}};
    group.update(figures_of(groups[i]));
    group["waits_per_second"] = waits_per_second(summary, groups[i]);
    json["groups"].push_back(std::move(group));
  }
  return json;
}

ordered_json event_loops_json(const Summary& summary) {
  ordered_json json{{"not_looked_at", summary.facts.counters[PL_COUNT_LOST_LOOPS]}};
  json["loops"] = ordered_json::array();
  for (const auto& loop : summary.facts.loops) json["loops"].push_back(loop_json(loop));
  return json;
}

}  // namespace plateau::sink
