// Bytes of an ELF file, by place in it or by the address that they are loaded at.
#pragma once

#include <libelf.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace plateau::target {

// Empty if the file does not hold so many.
std::string read_file_range(Elf* elf, std::uint64_t offset, std::size_t length);
std::string read_image(Elf* elf, std::uint64_t address, std::size_t length);

// What a position-independent program's loader does to `data`, which is loaded at `address`: pointers stand
// in the file's relocations, not in its bytes. Of another program: nothing.
void relocate(Elf* elf, std::uint64_t address, std::string& data);

// Where in the file the code at an address stands; nothing: there is none.
std::optional<std::uint64_t> file_offset(Elf* elf, std::uint64_t address);

}  // namespace plateau::target
