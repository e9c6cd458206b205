// Small pieces of text that reports are made of.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "base/units.h"

namespace plateau::sink {

// As printf does, up to 511 bytes.
template <class... Args>
std::string format(const char* text, Args... args) {
  char line[512];
  std::snprintf(line, sizeof(line), text, args...);
  return line;
}

inline double ratio(std::uint64_t a, std::uint64_t b) {
  return b ? static_cast<double>(a) / static_cast<double>(b) : 0;
}

inline std::string per_second(double rate) {
  return format_count(static_cast<std::uint64_t>(rate + 0.5)) + "/s";
}

// Of a duration in ns; below 0 counts as 0.
inline std::string duration_text(double ns) {
  return format_duration(ns > 0 ? static_cast<std::uint64_t>(ns + 0.5) : 0);
}

inline constexpr std::size_t kTextWidth = 100;

// Wrapped; ends with a line break unless it is empty.
std::string wrap(const std::string& text, std::size_t width = kTextWidth);

}  // namespace plateau::sink
