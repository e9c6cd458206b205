// What an address in a program stands for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace plateau::symbol {

// A function the compiler inlined at the address.
struct InlinedCall {
  std::string name;
  std::string file;  // empty if unknown
  int line = 0;      // 0 if unknown
};

struct Frame {
  // Demangled function name; "module+0x1234" if no symbol covers the address (the function's first one, if
  // that is known), "[anon]+0x1234" for code of no file (just-in-time compiled), "[unknown]+0x1234" if it is
  // no code.
  std::string name;
  bool named = false;        // false: `name` is one of the stand-ins above
  bool jit = false;          // named by the perf map of a just-in-time compiler
  std::string module;        // path of the file as the target sees it; empty if none
  std::uint64_t offset = 0;  // virtual address inside the ELF file, as addr2line takes it
  std::string file;          // source file and line inside the function `name`; empty and 0 without DWARF
  int line = 0;
  std::vector<InlinedCall> inlined;  // innermost first; they were called, in the end, by `name`
};

// How an instruction pointer was come by: a thread stands at its own, but a caller's is the address after the
// call and may already lie in the next line or function.
enum class Position { current, return_address };

}  // namespace plateau::symbol
