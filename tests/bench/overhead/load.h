// What is sent to the server, from CPU 1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace plateau::overhead {

enum class LoadKind {
  saturate,  // wrk: one thread, 64 connections, as fast as it goes
  rate,      // plateau-load: open loop, `number` requests/s over 64 connections
  slow,      // plateau-load: `number` connections that send a request every half second each
};

struct Load {
  LoadKind kind = LoadKind::saturate;
  std::uint32_t number = 0;

  std::string name() const;
};

// "saturate", "rate:3000" or "slow:200"; numbers from 1 to 50,000. Usage errors.
Result<Load> parse_load(std::string_view text);

struct LoadResult {
  std::uint64_t requests =
      0;                  // answered. wrk leaves out what is under way at its end: up to 64 of those sent
  double per_second = 0;  // answered, by the generator's own clock
  std::uint64_t errors = 0;
  std::uint64_t generator_cpu_ns = 0;
};

// Runs it for about `seconds`.
Result<LoadResult> run_load(const Load& load, const std::string& url, int seconds);

// What the generators print. Errors: not understood.
Result<LoadResult> parse_wrk(std::string_view text);
Result<LoadResult> parse_plateau_load(std::string_view text);

}  // namespace plateau::overhead
