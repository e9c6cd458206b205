#include <array>
#include <cstdarg>
#include <cstdio>
#include <map>

#include "base/units.h"
#include "overhead/report.h"
#include "overhead/summary.h"

namespace plateau::overhead {
namespace {

constexpr const char* kTableHead =
    "| server | load | attached | pairs | requests/s off | on | ratio (quartiles) | CPU/request off | on | "
    "ratio "
    "(quartiles) | BPF/request | its own CPU | its RSS | lost | seen/answered |\n"
    "|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n";

constexpr const char* kNotes =
    "\n`plateau` is plateau explain as it comes: beyond its bound on the probes' cost (--max-cost) it looks "
    "at "
    "a part of the time. `full` looks at every request (--max-cost off). Each round begins with load that "
    "does "
    "not count, for plateau to find out what it costs.\n"
    "\nRatios are on ÷ off within a pair, then their median and quartiles. CPU/request is the CPU time of "
    "the "
    "server's processes ÷ requests answered. BPF/request is the kernel's own count ÷ requests answered, "
    "taken in "
    "rounds of its own because counting slows the programs; it includes part of the two clock reads that "
    "counting "
    "adds to each run, and the runs for the load's own sockets, which are on the same machine here. (plateau "
    "itself switches counting on for 0.1 s of each capture: that is part of its rounds.) \"Its own CPU\" is "
    "the "
    "CPU time of the attached program while the load runs, as a share of one core. wrk leaves out up to 64 "
    "requests a round that were under way at its end, and the attached program may see them.\n";

[[gnu::format(printf, 2, 3)]] void print(std::string& out, const char* format, ...) {
  std::array<char, 512> line;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line.data(), line.size(), format, arguments);
  va_end(arguments);
  out += line.data();
}

std::string count(double n) {
  return format_count(static_cast<std::uint64_t>(n < 0 ? 0 : n + 0.5));
}

std::string with_quartiles(const Spread& spread) {
  std::string text;
  print(text, "**%.3f** (%.3f–%.3f)", spread.median, spread.q1, spread.q3);
  return text;
}

void add_row(std::string& out, const ExperimentResult& result, const WatcherRounds& watcher) {
  const Comparison c = compare(result.off, watcher);
  print(out, "| %s | %s | %s | %zu ", server_name(result.server), result.load.name().c_str(),
        watcher_name(watcher.kind), c.pairs);
  if (c.pairs == 0) {
    out += "| – | – | – | – | – | – | – | – | – | – | – |\n";
    return;
  }
  print(out, "| %s | %s | %s ", count(c.throughput_off).c_str(), count(c.throughput_on).c_str(),
        with_quartiles(c.throughput_ratio).c_str());
  print(out, "| %s ns | %s ns | %s ", count(c.cpu_off_ns).c_str(), count(c.cpu_on_ns).c_str(),
        with_quartiles(c.cpu_ratio).c_str());
  print(out, "| %s ", c.bpf_ns ? (count(c.bpf_ns->median) + " ns").c_str() : "–");
  print(out, "| %.1f %% | %s | %s ", c.agent_share.median * 100, format_bytes(c.max_rss_bytes).c_str(),
        is_plateau(watcher.kind) ? format_count(c.lost).c_str() : "–");
  if (c.seen)
    print(out, "| %s / %s |\n", format_count(*c.seen).c_str(), format_count(c.answered).c_str());
  else
    out += "| – |\n";
}

// Where a watcher's BPF time goes, over its counted rounds.
void add_programs(std::string& out, const ExperimentResult& result, const WatcherRounds& watcher) {
  ProgramCosts sum;
  std::uint64_t requests = 0;
  for (const Round& round : watcher.counted) {
    if (!round.watched || !round.watched->bpf) continue;
    requests += round.load.requests;
    for (const auto& [name, cost] : round.watched->bpf->programs) {
      sum[name].run_ns += cost.run_ns;
      sum[name].runs += cost.runs;
    }
  }
  if (requests == 0) return;
  print(out,
        "\nBPF programs of %s, %s, %s:\n\n| program | runs/request | ns/run | ns/request "
        "|\n|---|---:|---:|---:|\n",
        watcher_name(watcher.kind), server_name(result.server), result.load.name().c_str());
  const auto per = [](std::uint64_t value, std::uint64_t by) {
    return static_cast<double>(value) / static_cast<double>(by);
  };
  for (const auto& [name, cost] : sum)
    if (cost.runs)
      print(out, "| `%s` | %.2f | %.0f | %.0f |\n", name.c_str(), per(cost.runs, requests),
            per(cost.run_ns, cost.runs), per(cost.run_ns, requests));
}

// What was lost, by cause, over all rounds of a watcher.
void add_losses(std::string& out, const WatcherRounds& watcher) {
  std::map<std::string, std::uint64_t> sum;
  for (const auto* rounds : {&watcher.on, &watcher.counted})
    for (const Round& round : *rounds)
      if (round.watched)
        for (const auto& [cause, lost] : round.watched->report.losses) sum[cause] += lost;
  if (sum.empty()) return;
  out += std::string("- ") + watcher_name(watcher.kind) + " lost, the counted rounds included:";
  for (const auto& [cause, lost] : sum) out += " " + cause + " " + format_count(lost) + ";";
  out.back() = '\n';
}

void add_noise(std::string& out, const ExperimentResult& result) {
  const Noise noise = noise_of(result.off);
  print(out,
        "- %s, %s: off rounds spread (quartiles ÷ median) %.1f %% in requests/s, %.1f %% in CPU/request; ",
        server_name(result.server), result.load.name().c_str(), noise.throughput.relative() * 100,
        noise.cpu_ns.relative() * 100);
  print(out, "other processes took %.2f cores (upper quartile %.2f), the hypervisor %.2f",
        noise.others_share.median, noise.others_share.q3, noise.steal_share.median);
  if (noise.errors) print(out, "; **%s requests failed**", format_count(noise.errors).c_str());
  out += "\n";
  for (const auto& watcher : result.watchers) add_losses(out, watcher);
  for (const auto& watcher : result.watchers)
    if (!watcher.skipped.empty())
      out += std::string("- ") + watcher_name(watcher.kind) + " was left out: " + watcher.skipped + "\n";
  if (!result.ended_early.empty()) out += "- ended early: " + result.ended_early + "\n";
}

}  // namespace

std::string markdown_report(const std::vector<ExperimentResult>& results) {
  std::string out = kTableHead;
  for (const auto& result : results)
    for (const auto& watcher : result.watchers) add_row(out, result, watcher);
  out += kNotes;
  out += "\nHow steady the machine was:\n\n";
  for (const auto& result : results) add_noise(out, result);
  for (const auto& result : results)
    for (const auto& watcher : result.watchers) add_programs(out, result, watcher);
  return out;
}

}  // namespace plateau::overhead
