// Appending JSON text without a document tree, for lines written once a request.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace plateau::toolkit {

inline void append_number(std::string& out, std::uint64_t value) {
  char digits[20];
  const auto result = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, static_cast<std::size_t>(result.ptr - digits));
}

// Appends `text` as the inside of a JSON string. `text` is ASCII without control characters (a request
// target that passed the parser is), so quote and backslash are all there is to escape.
inline void append_escaped(std::string& out, std::string_view text) {
  if (text.find_first_of("\"\\") == std::string_view::npos) {
    out.append(text);
    return;
  }
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
}

}  // namespace plateau::toolkit
