// Where Go's runtime keeps what tells goroutines apart: byte offsets into its structures.
#pragma once

#include <libelf.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace plateau::target {

struct GoLayout {
  std::uint32_t goid = 0;        // in runtime.g
  std::uint32_t m = 0;           // in runtime.g
  std::uint32_t curg = 0;        // in runtime.m
  std::uint32_t status = 0;      // in runtime.g: atomicstatus
  std::uint32_t waitreason = 0;  // in runtime.g

  // Whether the two lie around goid as in every Go so far.
  bool tells_waits() const { return status + 8 == goid && waitreason == goid + 24; }

  bool operator==(const GoLayout&) const = default;
};

// Of a version of Go on a 64-bit machine; nothing for versions that nobody has looked at.
std::optional<GoLayout> known_go_layout(std::string_view version);

// What the program's DWARF says; nothing where it has been stripped, or does not tell.
std::optional<GoLayout> dwarf_go_layout(Elf* elf);

// Offset of the pointer to the running g from amd64's thread pointer (the symbol runtime.tlsg); nothing where
// the program has other thread-local variables and no symbols.
std::optional<std::int32_t> go_tls_offset(Elf* elf);

}  // namespace plateau::target
