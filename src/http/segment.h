// Does a path's segment look like an identifier rather than a name? For this folder only.
#pragma once

#include <cstddef>
#include <string_view>

namespace plateau::http {

inline constexpr std::size_t kMaxSegment = 64;  // bytes; longer ones are never names

// `segment` is not empty and holds no '/'. A short extension ("17.json") does not count.
bool is_identifier(std::string_view segment);

}  // namespace plateau::http
