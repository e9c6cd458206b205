// Durations as people write them: "340us", "5ms", "1.5s", "0".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace plateau::toolkit {

// Nanoseconds in `text`: a decimal number followed by ns, us, ms, s, m or h; a bare "0" needs no unit.
// At most 1000 hours; fractions below a nanosecond are cut off. Anything else is a usage error.
Result<std::uint64_t> parse_duration_ns(std::string_view text);

// A whole number of at most `max`, digits only; anything else is a usage error.
Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t max);

// The shortest exact spelling that parse_duration_ns() reads back: 340000 -> "340us".
std::string format_duration_ns(std::uint64_t ns);

}  // namespace plateau::toolkit
