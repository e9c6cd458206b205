#include <array>
#include <cmath>
#include <cstdio>

#include "overhead/report.h"
#include "overhead/summary.h"

namespace plateau::overhead {
namespace {

// As --detail has it, and as the enumerator of probe::Detail; null: no level.
struct Level {
  const char* name = nullptr;
  const char* enumerator = nullptr;
};

Level level_of(WatcherKind kind) {
  switch (kind) {
    case WatcherKind::low:
      return {"low", "low"};
    case WatcherKind::full:
      return {"default", "normal"};
    case WatcherKind::high:
      return {"high", "high"};
    default:
      return {};
  }
}

std::string table_row(const char* level, const Comparison& c) {
  std::array<char, 256> line;
  std::snprintf(line.data(), line.size(), "| `%s` | %.0f ns | %.3f (%.3f–%.3f) | %.3f (%.3f–%.3f) |\n", level,
                c.bpf_ns->median, c.throughput_ratio.median, c.throughput_ratio.q1, c.throughput_ratio.q3,
                c.cpu_ratio.median, c.cpu_ratio.q1, c.cpu_ratio.q3);
  return line.data();
}

std::string code_row(const char* enumerator, const Comparison& c) {
  return std::string("    {Detail::") + enumerator + ", " + std::to_string(std::lround(c.bpf_ns->median)) +
         ", kSource},\n";
}

}  // namespace

std::string levels_report(const std::vector<ExperimentResult>& results) {
  std::string out;
  for (const auto& result : results) {
    std::string table, code;
    for (const auto& watcher : result.watchers) {
      const Level level = level_of(watcher.kind);
      const Comparison c = compare(result.off, watcher);
      if (!level.name || !c.bpf_ns || c.pairs == 0) continue;
      table += table_row(level.name, c);
      code += code_row(level.enumerator, c);
    }
    out += std::string("\nLevels of detail, every request looked at: ") + server_name(result.server) + ", " +
           result.load.name() +
           "\n\n| level | probes a request | requests/s on ÷ off (quartiles) | CPU a request on ÷ off "
           "(quartiles) |\n|---|---:|---:|---:|\n" +
           table + "\nsrc/probe/level_cost.h:\n\n" + code;
  }
  return out;
}

}  // namespace plateau::overhead
