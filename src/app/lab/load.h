// plateau-load as a lab runs it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/lab/child.h"
#include "app/lab/measure.h"
#include "app/lab/memory_file.h"

namespace plateau::app::lab {

struct LoadPlan {
  std::string url;
  std::vector<std::string> arguments;
  std::vector<int> cpus;
  double seconds = 0;  // 0: the arguments say when it ends
  bool log = false;
};

// One request of the log, CLOCK_MONOTONIC. Latency counts from the scheduled send.
struct LoggedRequest {
  std::uint64_t scheduled_ns = 0;
  std::uint64_t done_ns = 0;  // 0: not answered

  double latency_ns() const { return static_cast<double>(done_ns - scheduled_ns); }
};

class Load {
 public:
  static Result<Load> start(const LoadPlan& plan);

  pid_t pid() const { return child_.pid(); }
  // Ends it before its time; it still reports.
  void stop();

  struct Report {
    LoadFigures figures;
    std::uint64_t cpu_ns = 0;
  };
  // ExitCode::usage: the load generator does not know an argument.
  Result<Report> finish(const std::function<void()>& tick = [] {});

  // Once it has finished.
  Result<std::vector<LoggedRequest>> requests() const;

 private:
  Load(Child child, std::optional<MemoryFile> log, double seconds);

  Child child_;
  std::optional<MemoryFile> log_;
  double seconds_;
};

// What plateau-load --json prints.
Result<LoadFigures> parse_load(std::string_view text);

// A line of its log; an error if it is not one.
Result<LoggedRequest> parse_logged(std::string_view line);

}  // namespace plateau::app::lab
