#include "toolkit/duration.h"

#include <array>
#include <charconv>

namespace plateau::toolkit {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t ns;
};

constexpr std::array<Unit, 6> kUnits = {{{"ns", 1},
                                         {"us", 1'000},
                                         {"ms", 1'000'000},
                                         {"s", 1'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"h", 3'600'000'000'000}}};
constexpr std::uint64_t kLongest = 1000 * kUnits[5].ns;

Error not_a_duration(std::string_view text) {
  return fail("'" + std::string(text) + "' is not a duration such as 340us, 5ms or 1.5s", ExitCode::usage);
}

// Nanoseconds of the digits after a decimal point.
std::uint64_t fraction_ns(std::string_view digits, std::uint64_t unit_ns) {
  std::uint64_t sum = 0;
  std::uint64_t place = unit_ns;
  for (const char digit : digits) {
    place /= 10;
    sum += place * static_cast<std::uint64_t>(digit - '0');
  }
  return sum;
}

const Unit* find_unit(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

}  // namespace

Result<std::uint64_t> parse_duration_ns(std::string_view text) {
  if (text == "0") return std::uint64_t{0};
  std::uint64_t whole = 0;
  const char* const end = text.data() + text.size();
  const auto [after_whole, error] = std::from_chars(text.data(), end, whole);
  if (error != std::errc() || after_whole == end) return not_a_duration(text);
  std::string_view rest(after_whole, static_cast<std::size_t>(end - after_whole));
  std::string_view fraction;
  if (rest.front() == '.') {
    const std::size_t stop = rest.find_first_not_of("0123456789", 1);
    if (stop == std::string_view::npos || stop == 1) return not_a_duration(text);
    fraction = rest.substr(1, stop - 1);
    rest.remove_prefix(stop);
  }
  const Unit* const unit = find_unit(rest);
  if (unit == nullptr) return not_a_duration(text);
  if (whole > kLongest / unit->ns) return fail("'" + std::string(text) + "' is too long", ExitCode::usage);
  return whole * unit->ns + fraction_ns(fraction, unit->ns);
}

Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t max) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end || value > max) {
    return fail("'" + std::string(text) + "' is not a number from 0 to " + std::to_string(max),
                ExitCode::usage);
  }
  return value;
}

std::string format_duration_ns(std::uint64_t ns) {
  if (ns == 0) return "0";
  const Unit* best = kUnits.data();
  for (const Unit& unit : kUnits) {
    if (ns % unit.ns == 0) best = &unit;
  }
  return std::to_string(ns / best->ns) + std::string(best->name);
}

}  // namespace plateau::toolkit
