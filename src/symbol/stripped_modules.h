// Where the functions of loaded modules are that no symbol names.
#pragma once

#include <elfutils/libdwfl.h>

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "symbol/function_ranges.h"

namespace plateau::symbol {

class StrippedModules {
 public:
  // The first address of the function at `offset`, both as the module's ELF file has them; none: not known.
  std::optional<std::uint64_t> function_at(Dwfl_Module* module, std::uint64_t offset);

  // Forget the modules of a session that is gone.
  void clear() { tables_.clear(); }

 private:
  struct Tables {
    Section header, frames;
  };
  static Tables read_tables(Dwfl_Module* module);

  std::unordered_map<const void*, Tables> tables_;
};

}  // namespace plateau::symbol
