// Lines for the user on stderr; stdout belongs to results.
#pragma once

#include <functional>
#include <string_view>

namespace plateau {

// "plateau: <text>", one line.
void log_line(std::string_view text);

// Lines go to `take` from now on, without "plateau: "; an empty one: to stderr again. While one thread logs.
void divert_log(std::function<void(std::string_view)> take);

}  // namespace plateau
