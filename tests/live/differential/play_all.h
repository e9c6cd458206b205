// Many conversations at once, and what the environment says of them.
#pragma once

#include <cstdint>
#include <vector>

#include "differential/player.h"

namespace plateau::live {

// The environment variable `name` as a number.
std::uint64_t setting(const char* name, std::uint64_t otherwise);
// PLATEAU_SEED, or the same in each run.
std::uint64_t seed();

// By a few players, each taking the next one; PLATEAU_ONLY leaves out all but one.
// The first has the number `first`: no two that are played meanwhile may have one in common.
std::vector<Played> play_all(const std::vector<Conversation>& conversations, std::uint16_t port,
                             std::size_t first = 0);

}  // namespace plateau::live
