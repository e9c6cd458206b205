// Where functions begin and end, as a program's unwind tables tell: a stripped program has these still. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace plateau::symbol {

// A section of an ELF file, and the address that the file gives it.
struct Section {
  std::span<const std::byte> bytes;
  std::uint64_t address = 0;
};

// The first address of the function that covers `address`, out of .eh_frame_hdr (its table in the form that
// linkers write) and .eh_frame; none: they tell of none there, or not in the usual form.
std::optional<std::uint64_t> function_at(std::uint64_t address, const Section& header, const Section& frames);

}  // namespace plateau::symbol
