// The Date field's value, made once a second for each thread.
#pragma once

#include <string_view>

namespace plateau::httpd {

inline constexpr std::size_t kHttpDateSize = 29;

// "Sun, 06 Nov 1994 08:49:37 GMT" for now; valid until the same thread's next call.
std::string_view http_date();

}  // namespace plateau::httpd
