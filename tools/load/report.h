// The result of a run, as text or JSON, its progress line and its verdict.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "load/client.h"
#include "load/options.h"
#include "load/tally.h"

namespace plateau::load {

struct Percentile {
  const char* name;
  double percent;
};
inline constexpr std::array<Percentile, 6> kPercentiles = {
    {{"p50", 50}, {"p75", 75}, {"p90", 90}, {"p99", 99}, {"p99.9", 99.9}, {"p99.99", 99.99}}};

std::string text_report(const Options& options, const Tally& tally);

// One object and a newline, of the shape that tools/load/README.md documents.
std::string json_report(const Options& options, const Tally& tally);

// One short line without a newline; times in monotonic nanoseconds.
std::string progress_line(const Live& live, std::uint64_t start_ns, std::uint64_t now);

// One line if a request was not answered as expected: an error, a mismatch, or a planned send that never took
// place. Empty if all went well.
std::string failure_line(const Options& options, const Tally& tally);

}  // namespace plateau::load
