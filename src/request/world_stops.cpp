#include "request/world_stops.h"

#include <algorithm>

namespace plateau::request {

void WorldStops::add(const pl_stop& stop) {
  const auto cause = PL_STOP_CAUSE(stop.cause);
  if (cause != PL_STOP_WATCHED && cause != PL_STOP_GC) return;
  if (processes_.size() >= limits_.processes && !processes_.contains(stop.tgid)) return;
  Process& process = processes_[stop.tgid];
  if (cause == PL_STOP_WATCHED) {
    // A program that the process has executed has a runtime of its own; its stops may have come before this.
    std::erase_if(process.stops, [&](const Stop& old) { return old.to < stop.header.ts; });
    process.known_from = stop.header.ts;
    process.assists_from = stop.cause & PL_STOP_ASSISTS ? stop.header.ts : 0;
    return;
  }
  process.open = stop.to_ns ? 0 : stop.from_ns;
  if (!stop.to_ns) return;
  process.stops.push_back({stop.from_ns, stop.to_ns});
  if (process.stops.size() <= limits_.stops) return;
  process.known_from = std::max(process.known_from, process.stops.front().to);
  process.stops.pop_front();
}

bool WorldStops::tells_assists(std::uint32_t tgid, std::uint64_t from) const {
  const auto found = processes_.find(tgid);
  return found != processes_.end() && found->second.assists_from && from >= found->second.assists_from;
}

std::optional<std::uint64_t> WorldStops::collector_ns(std::uint32_t tgid, std::uint64_t from,
                                                      std::uint64_t to) const {
  const auto found = processes_.find(tgid);
  if (found == processes_.end()) return std::nullopt;
  const Process& process = found->second;
  if (process.known_from == 0 || from < process.known_from) return std::nullopt;
  std::uint64_t sum = 0;
  if (process.open && process.open < to) {
    if (to - process.open > limits_.longest_ns) return std::nullopt;
    sum += to - std::max(from, process.open);
  }
  for (auto stop = process.stops.rbegin(); stop != process.stops.rend() && stop->to > from; ++stop)
    if (stop->from < to) sum += std::min(to, stop->to) - std::max(from, stop->from);
  return sum;
}

}  // namespace plateau::request
