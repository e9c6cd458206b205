// A request's latency split into stages that add up to it.
#pragma once

#include <array>
#include <cstdint>

#include "attribution/park.h"
#include "attribution/stage.h"
#include "request/request.h"

namespace plateau::attribution {

struct Budget {
  std::array<std::uint64_t, kStages> ns{};  // their sum is latency_ns, exactly
  Parks parked{};                           // their sum is that of Stage::parked, exactly
  std::uint64_t latency_ns = 0;
  bool overcharged = false;  // the accounting gave more than the latency, and was scaled down to it

  std::uint64_t operator[](Stage stage) const { return ns[index(stage)]; }
};

// What the accounting leaves out is unattributed. Time in poll or in a receive that nothing proved to be for
// a downstream is the client's or unknown: unattributed too.
Budget budget_of(const request::Request& request);

}  // namespace plateau::attribution
