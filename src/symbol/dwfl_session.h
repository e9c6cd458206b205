// One set of loaded ELF files, and what libdwfl knows of them. Wraps the library: what it reports becomes a
// value.
#pragma once

#include <elfutils/libdwfl.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "symbol/debug_file.h"
#include "symbol/maps.h"
#include "symbol/registers.h"

namespace plateau::symbol {

// Why a stack has no more frames.
enum class UnwindEnd {
  complete,    // the outermost function of the thread was reached
  max_frames,  // the caller's limit
  slice_end,   // the next frame lies beyond the slice: copy a longer one
  no_module,   // an address that belongs to no known file (just-in-time compiled code, or not code at all)
  no_unwind_info,  // the file has no usable .eh_frame or .debug_frame for the address
  stopped,         // where the caller wanted it to
};

std::string_view to_string(UnwindEnd end);

struct UnwoundStack {
  std::vector<std::uint64_t> ips;  // innermost first; all but the first are return addresses
  UnwindEnd end = UnwindEnd::no_module;
  DwarfRegisters registers{};  // of the last frame, if the walk was stopped there
};

class DwflSession {
 public:
  // `pid` only names the process to the library; it is never touched. `search` finds separate debug files.
  DwflSession(pid_t pid, DebugSearch search);
  ~DwflSession();
  DwflSession(const DwflSession&) = delete;
  DwflSession& operator=(const DwflSession&) = delete;

  // Adds the ELF file open at `fd` as the one mapped by `file`. Fails on what is no ELF file, on one that
  // does not fit the mapping, and on one that overlaps another. Only before finish().
  Status add(const LoadedFile& file, Fd fd);

  // Call once, after the last add() and before anything below. Fails if nothing was added.
  Status finish();

  // False once a file was cut short or grew under us: its mapped pages must then not be read any more.
  bool intact() const;

  // `stops_at` is asked of addresses that belong to no file.
  UnwoundStack unwind(const DwarfRegisters& registers, const StackSlice& stack, std::size_t max_frames,
                      const std::function<bool(std::uint64_t)>& stops_at = {});

  // The module that covers `address`, or null. Valid as long as this session.
  Dwfl_Module* module_at(std::uint64_t address) const;

  std::size_t modules() const { return modules_; }

 private:
  struct Watched {
    Fd fd;
    off_t size;
  };
  struct Walk;

  static bool read_memory(Dwfl* dwfl, Dwarf_Addr address, Dwarf_Word* result, void* session);
  static bool set_registers(Dwfl_Thread* thread, void* session);
  static DwarfRegisters registers_in(Dwfl_Frame* frame, const DwarfRegisters& innermost);
  static int visit_frame(Dwfl_Frame* frame, void* session);

  Dwfl_Callbacks callbacks_{};
  DebugSearch search_;
  pid_t pid_;
  std::unique_ptr<Dwfl, decltype(&dwfl_end)> dwfl_;
  std::vector<Watched> watched_;
  std::size_t modules_ = 0;
  Walk* walk_ = nullptr;  // only during unwind()
};

}  // namespace plateau::symbol
