// Go's own table of functions, .gopclntab: it stays in a binary whose symbols are stripped. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plateau::target {

// The name of the section that holds the table.
constexpr bool is_go_function_table(std::string_view section) {
  return section == ".gopclntab" || section == ".data.rel.ro.gopclntab";
}

class GoSymbols {
 public:
  // `table`: the section's bytes. Go 1.16 and later, 64-bit little-endian. Fails on anything else; what lies
  // outside the bytes is left out. `text_start`: the address of the section .text, which counts since
  // Go 1.26, where the table does not say.
  static Result<GoSymbols> parse(std::span<const std::byte> table, std::uint64_t text_start = 0);

  // The function at an address as the ELF file has it; empty: none. Valid as long as this.
  std::string_view name_of(std::uint64_t address) const;

  // Where the function begins, an address as the ELF file has it; nothing: there is none of that name.
  std::optional<std::uint64_t> address_of(std::string_view name) const;

  std::size_t size() const { return functions_.size(); }

 private:
  struct Function {
    std::uint64_t start;
    std::uint32_t name;  // where in names_; ended by '\0'
  };
  std::vector<Function> functions_;  // ascending
  std::uint64_t end_ = 0;            // of the last
  std::string names_;
};

}  // namespace plateau::target
