// A snapshot to show: the summary of examples.h, and requests on its routes.
#pragma once

#include <memory>

#include "examples.h"
#include "sink/live/live_view.h"

namespace plateau::sink {

inline std::shared_ptr<const LiveSnapshot> example_snapshot() {
  attribution::Recent recent;
  for (std::uint64_t i = 0; i < 5; i++) {
    auto r = example_request(i % 2 ? "/users/" + std::to_string(1000 + i) : "/", i == 4 ? 503 : 200);
    r.seq = static_cast<std::uint32_t>(i);
    r.end_ns += i * 100'000;
    r.state[PL_STATE_FUTEX] += i * 100'000;
    recent.add(r, attribution::budget_of(r), [&] { return i % 2 ? "/users/{id}" : "/"; });
  }
  auto snapshot = std::make_shared<LiveSnapshot>();
  snapshot->summary = full_summary();
  snapshot->slowest = recent.slowest();
  snapshot->seconds = recent.seconds();
  return snapshot;
}

}  // namespace plateau::sink
