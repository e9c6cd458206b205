// Lines for the user on stderr; stdout belongs to results.
#pragma once

#include <string_view>

namespace plateau {

// "plateau: <text>", one line.
void log_line(std::string_view text);

}  // namespace plateau
