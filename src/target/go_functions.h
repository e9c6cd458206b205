// Where in the file of a Go program functions of its runtime begin.
#pragma once

#include <libelf.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace plateau::target {

// Where the function's code stands in the file; nothing: neither the symbols nor Go's own table of functions,
// which a stripped program keeps, have it. ABI0 wrappers are other functions.
std::optional<std::uint64_t> go_function(Elf* elf, std::string_view name);

// The two functions that a stop of the world goes by, once each.
struct GoStopPlaces {
  std::uint64_t stops = 0;   // in the file: runtime.stopTheWorldWithSema
  std::uint64_t starts = 0;  // runtime.startTheWorldWithSema
};

Result<GoStopPlaces> go_stop_places(Elf* elf);

// Of a process's executable.
Result<GoStopPlaces> go_stop_places_of(pid_t pid);

}  // namespace plateau::target
