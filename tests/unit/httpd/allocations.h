// How often this thread has allocated by operator new.
#pragma once

#include <cstdint>

namespace plateau::httpd {

// ThreadSanitizer has operator new for itself: then nothing is counted.
#ifdef PLATEAU_SANITIZE_THREAD
inline constexpr bool kAllocationsCounted = false;
#else
inline constexpr bool kAllocationsCounted = true;
#endif

std::uint64_t allocations();

}  // namespace plateau::httpd
