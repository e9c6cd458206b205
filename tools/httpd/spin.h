// Burning CPU.
#pragma once

#include <cstdint>

namespace plateau::httpd {

// By the stamp clock, like every planted span.
struct SpinTimes {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// Burns `ns` of the thread's CPU time.
SpinTimes spin_cpu(std::uint64_t ns);

// Burns CPU until the stamp clock says `deadline_ns`.
void spin_until_ns(std::uint64_t deadline_ns);

}  // namespace plateau::httpd
