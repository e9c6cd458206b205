// The Go function tables of loaded modules.
#pragma once

#include <elfutils/libdwfl.h>

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "target/go_symbols.h"

namespace plateau::symbol {

class GoModules {
 public:
  // The function at `offset`, an address as the module's ELF file has it; empty: none, or no Go.
  std::string name_of(Dwfl_Module* module, std::uint64_t offset);

  // Forget the modules of a session that is gone.
  void clear() { tables_.clear(); }

 private:
  std::unordered_map<const void*, std::optional<target::GoSymbols>> tables_;
};

}  // namespace plateau::symbol
