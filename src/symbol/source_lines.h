// Address → source line and inlined calls, from DWARF.
#pragma once

#include <elfutils/libdwfl.h>

#include <cstdint>
#include <unordered_set>

#include "symbol/frame.h"

namespace plateau::symbol {

// Decoded line tables stay in the library's memory, so only so many compilation units are ever opened; the
// addresses of further ones stay without lines, and are counted.
class SourceLines {
 public:
  explicit SourceLines(std::size_t max_units = 1024) : max_units_(max_units) {}

  // Fills frame.file, frame.line and frame.inlined for `address` in `module`; leaves them be without DWARF.
  void annotate(Dwfl_Module* module, std::uint64_t address, Frame& frame);

  // Forget the units of a session that is gone.
  void clear() { units_.clear(); }

  std::uint64_t skipped() const { return skipped_; }

 private:
  bool admit(const void* unit);

  std::size_t max_units_;
  std::unordered_set<const void*> units_;
  std::uint64_t skipped_ = 0;
};

}  // namespace plateau::symbol
