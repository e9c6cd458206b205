#include "base/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace plateau {
namespace {

struct Unit {
  const char* name;
  double size;
};

std::string three_digits(double value, const char* unit) {
  const int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  char text[32];
  std::snprintf(text, sizeof(text), "%.*f %s", decimals, value, unit);
  return text;
}

constexpr double kMaxDurationNs = 10.0 * 366 * 86400 * 1e9;

}  // namespace

std::string format_duration(std::uint64_t ns) {
  const auto value = static_cast<double>(ns);
  if (ns < 1000) return std::to_string(ns) + " ns";
  if (value < 999.5e3) return three_digits(value / 1e3, "us");
  if (value < 999.5e6) return three_digits(value / 1e6, "ms");
  return three_digits(value / 1e9, "s");
}

std::string format_bytes(std::uint64_t bytes) {
  static constexpr std::array<Unit, 4> units{
      {{"TiB", 0x1p40}, {"GiB", 0x1p30}, {"MiB", 0x1p20}, {"KiB", 0x1p10}}};
  const auto value = static_cast<double>(bytes);
  for (const auto& unit : units)
    if (value >= unit.size) return three_digits(value / unit.size, unit.name);
  return std::to_string(bytes) + " B";
}

std::string format_percent(double share) {
  char text[32];
  std::snprintf(text, sizeof(text), share < 0.0995 ? "%.1f %%" : "%.0f %%", share * 100);
  return text;
}

std::string format_count(std::uint64_t n) {
  std::string digits = std::to_string(n);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

Result<std::uint64_t> parse_duration(std::string_view text) {
  static constexpr std::array<Unit, 7> units{
      {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"", 1e9}}};
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{}) {
    const std::string_view suffix = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const auto& unit : units)
      if (suffix == unit.name && value >= 0 && value * unit.size <= kMaxDurationNs)
        return static_cast<std::uint64_t>(std::llround(value * unit.size));
  }
  return fail("'" + std::string(text) + "' is not a duration: write it as 250us, 50ms, 10s or 2m",
              ExitCode::usage);
}

}  // namespace plateau
