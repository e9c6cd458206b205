// What the wait reasons of Go's runtime mean, by their numbers, which move from version to version.
#pragma once

#include <libelf.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace plateau::target {

enum class GoWait : std::uint8_t { other, channel, select, sync, network, timer, gc };

// Of the runtime's own words for it, as in a stack trace: "chan receive".
GoWait go_wait(std::string_view reason);

// By reason, from the table of those words that the program holds, stripped or not, position-
// independent or not. Empty if it is not found.
std::vector<GoWait> go_waits(Elf* elf);

}  // namespace plateau::target
