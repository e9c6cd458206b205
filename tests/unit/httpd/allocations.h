// How often this thread has allocated by operator new.
#pragma once

#include <cstdint>

namespace plateau::httpd {

std::uint64_t allocations();

}  // namespace plateau::httpd
