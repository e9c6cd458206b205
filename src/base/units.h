// Quantities as people read and write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace plateau {

// "850 ns", "12.3 us", "4.56 ms", "1.20 s": three significant digits.
std::string format_duration(std::uint64_t ns);

// "512 B", "1.50 KiB", "32.1 MiB".
std::string format_bytes(std::uint64_t bytes);

// "12.3 %" of 0.123.
std::string format_percent(double share);

// "12,345".
std::string format_count(std::uint64_t n);

// "250us", "50ms", "10s", "2m", "1.5s"; a bare number is seconds. Nanoseconds; fails on anything else, on
// negative values and on more than 10 years.
Result<std::uint64_t> parse_duration(std::string_view text);

}  // namespace plateau
