// Time that requests' copies took between user memory and the kernel's, by the way in which bytes left.
#pragma once

#include <array>
#include <cstdint>

#include "attribution/budget.h"
#include "attribution/data_path.h"
#include "request/request.h"

namespace plateau::attribution {

// Known at --detail high; else all 0.
struct CopyTimes {
  std::uint64_t in_ns = 0;                           // copy_in, of receives
  std::array<std::uint64_t, PL_PATHS + 1> out_ns{};  // copy_out, by kPathNames, then of those not known

  // Of an answer that left by several ways the first of kPathNames had the copying, where those that copy
  // stand first: heads are copied where bodies are not.
  void add(const request::Request& request, const Budget& budget) {
    in_ns += budget[Stage::copy_in];
    std::size_t path = 0;
    while (path < PL_PATHS && !(request.paths & (1u << path))) path++;
    out_ns[path] += budget[Stage::copy_out];
  }
};

}  // namespace plateau::attribution
