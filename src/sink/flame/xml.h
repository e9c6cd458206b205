// Text inside XML. Pure.
#pragma once

#include <string>
#include <string_view>

namespace plateau::sink::flame {

// Escaped for an element or a quoted attribute; what XML cannot hold, and broken UTF-8, becomes '?'.
std::string xml(std::string_view text);

// The first `most` bytes, or fewer: no character of UTF-8 is cut in two.
std::string cut(std::string_view text, std::size_t most);

}  // namespace plateau::sink::flame
