// What goes over a downstream connection, in either direction.
#pragma once

#include <array>

namespace plateau::httpd {

using DownstreamMessage = std::array<char, 64>;

}  // namespace plateau::httpd
