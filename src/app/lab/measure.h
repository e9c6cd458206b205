// What a lab can measure of a round, and what plateau explain said of it: one table feeds the experiments'
// files, the columns and their headings. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plateau::app::lab {

// Of plateau-load, its times in ns.
struct LoadFigures {
  std::uint64_t answered = 0;
  double seconds = 0;
  double per_second = 0;
  std::uint64_t errors = 0;
  std::uint64_t connects = 0;
  double p50_ns = 0;
  double p99_ns = 0;
  double p999_ns = 0;
  double max_ns = 0;
};

// Of the server's process, while the load ran.
struct ProcessFigures {
  std::uint64_t cpu_ns = 0;
  double seconds = 0;
  std::uint64_t rss_bytes = 0;  // largest seen
  unsigned threads = 0;         // largest number seen
  // Of the threads that worked, from /proc/PID/task/*/schedstat: share of their time that they were asleep,
  // and the mean length of a sleep. Present only where it was asked for.
  std::optional<double> blocked_share;
  std::optional<double> sleep_ns;
};

// CPU time over all CPUs while the load ran, in cores.
struct MachineFigures {
  double idle_share = 0;  // of all CPUs, 0…1; time taken by the hypervisor is not idle
  double steal = 0;       // taken by the hypervisor
  double others = 0;      // of everything that the lab did not start
  double free_share = 0;  // of all CPUs, what the lab's own programs did not use, 0…1: unlike idle_share it
                          // does not fall when others are busy
};

// Freezes of the server, from the log of requests.
struct PauseFigures {
  double length_ns = 0;  // median
  double every_ns = 0;   // median from one's begin to the next one's; 0 with fewer than two
  std::size_t count = 0;
};

struct Figures {
  LoadFigures load;
  ProcessFigures process;
  MachineFigures machine;
  std::optional<PauseFigures> pauses;
};

struct CeilingSaid {
  std::string resource;
  double per_second = 0;
  double utilisation = 0;
  double demand_ns = 0;
  std::string holder;
};

// A fix that was asked for by --fix; a throughput of 0: it could not be predicted, and why.
struct FixSaid {
  std::string asked;
  double per_second = 0;
  double p50_ns = 0;
  std::string missing;
};

// What plateau explain printed.
struct Said {
  std::string text;
  bool bound = false;
  double per_second = 0;
  double cpu_idle = 0;
  std::uint64_t requests = 0;
  double p50_ns = 0;
  double p99_ns = 0;
  double p999_ns = 0;
  double max_ns = 0;
  double coverage = 0;                     // requests explained ÷ seen
  std::vector<CeilingSaid> ceilings;       // the one that binds, or would bind, first
  std::map<std::string, double> stage_ns;  // mean a request
  std::string cause;                       // the foremost, as explain names it
  std::vector<std::string> evidence;
  std::vector<FixSaid> fixes;
  std::string no_prediction;  // why there is none; empty: there is
};

struct Measure {
  std::string_view name;  // in the experiments' files, the CSV and the JSON
  std::string_view heading;
  int digits;  // after the point
  std::optional<double> (*measured)(const Figures&);
  std::optional<double> (*said)(const Said&);  // plateau's own figure for the same thing
};

std::span<const Measure> measures();

// nullptr if there is none of that name.
const Measure* find_measure(std::string_view name);

// The verdict in a few words: "lock hold_section: 2,946/s at most, 343 us each"; "not bound" with what would
// bind first.
std::string verdict_in_short(const Said& said);

// The stages that take at least a twentieth of the latency, largest first: "lock_user 131 ms, sleep 0.28 ms".
std::string stages_in_short(const Said& said);

// "12,345.6", with that many digits after the point.
std::string format_figure(double value, int digits);

}  // namespace plateau::app::lab
