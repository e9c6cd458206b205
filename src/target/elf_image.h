// Bytes of an ELF file, by place in it or by the address that they are loaded at.
#pragma once

#include <libelf.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace plateau::target {

// Empty if the file does not hold so many.
std::string read_file_range(Elf* elf, std::uint64_t offset, std::size_t length);
std::string read_image(Elf* elf, std::uint64_t address, std::size_t length);

}  // namespace plateau::target
