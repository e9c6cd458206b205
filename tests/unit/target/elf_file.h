// A small ELF file of the test's own making.
#pragma once

#include <elf.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace plateau::target::test {

struct ElfFile {
  std::uint16_t machine = EM_X86_64;
  std::string build_info;                        // the section .go.buildinfo; empty: none
  std::uint64_t tls_size = 0;                    // of a PT_TLS segment, aligned to 16; 0: none
  std::optional<std::uint64_t> tls_symbol = {};  // value of runtime.tlsg in a symbol table
  std::vector<std::string> texts = {};           // an array of Go's strings in .data; empty: none
  bool position_independent = false;             // then the addresses are in relocations
};

std::string bytes_of(const ElfFile& file);

// The section's contents for a version of Go since 1.18.
std::string build_info(const std::string& version);

}  // namespace plateau::target::test
