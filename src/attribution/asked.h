// Calls to other servers, of requests of which it is known how many they made.
#pragma once

#include <algorithm>
#include <cstdint>

#include "request/request.h"

namespace plateau::attribution {

struct AskedStats {
  std::uint64_t requests = 0;
  std::uint64_t asking = 0;  // of them, that made any
  std::uint64_t calls = 0;   // their sum
  std::uint32_t most = 0;    // by one

  void add(const request::Request& request) {
    const auto made = request.calls_made();
    if (!made) return;
    requests++;
    asking += *made != 0;
    calls += *made;
    most = std::max(most, *made);
  }
};

// What came to it; the most is of the whole.
inline AskedStats since(const AskedStats& before, AskedStats now) {
  now.requests -= before.requests;
  now.asking -= before.asking;
  now.calls -= before.calls;
  return now;
}

}  // namespace plateau::attribution
