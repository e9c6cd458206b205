// Appending formatted text.
#pragma once

#include <string>

namespace plateau::load {

// Appends as printf() prints; at most 511 bytes a call.
[[gnu::format(printf, 2, 3)]] void print(std::string& out, const char* format, ...);

// "12.3 us", "4.56 ms", "7.89 s".
std::string human_time(double ns);

}  // namespace plateau::load
