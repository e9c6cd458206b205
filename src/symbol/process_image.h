// The program files of one process: unwinds copies of its stacks, and names its addresses.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "symbol/dwfl_session.h"
#include "symbol/frame.h"
#include "symbol/registers.h"

namespace plateau::symbol {

struct ImageOptions {
  // /proc/PID/maps is read again when an address is not covered, but not more often than this.
  std::uint64_t reload_interval_ns = 1'000'000'000;
  // Frames kept by address, about 400 bytes each; the least recently used half goes when they are twice as
  // many.
  std::size_t cached_frames = 4096;
  // Read source lines and inlined calls from DWARF. Costs memory in proportion to the program's debug data.
  bool source_lines = true;
  // Ask the servers of DEBUGINFOD_URLS for separate debug files that are not on disk. Each may keep the
  // caller waiting for as long as DEBUGINFOD_TIMEOUT says.
  bool debuginfod = false;
};

// What happened so far. Counters only grow.
struct ImageStats {
  std::size_t modules = 0;            // files in use now
  std::size_t unreadable = 0;         // mapped files that could not be used, at the last load
  std::uint64_t loads = 0;            // times the maps were read
  std::uint64_t failed_loads = 0;     // … in vain: the process is gone, or nothing could be read
  std::uint64_t postponed_loads = 0;  // not read again, for it was too soon
  std::uint64_t lines_skipped = 0;    // addresses without a line for want of memory
};

// Touches the process only through /proc: it is neither stopped nor written to. Once loaded, it goes on
// working after the process has exited; and it never takes a later process with the same PID for the first. A
// process that calls exec has another image: call refresh(). Not thread-safe. No network, unless
// told otherwise.
class ProcessImage {
 public:
  // Fails with ExitCode::no_target if there is no such process (or none with a program, as a kernel thread),
  // with ExitCode::unsupported if this user may not look into it.
  static Result<ProcessImage> open(pid_t pid, ImageOptions options = {});

  ProcessImage(ProcessImage&&) noexcept;
  ProcessImage& operator=(ProcessImage&&) noexcept;
  ~ProcessImage();

  // Walks up the stack from `registers`. Reads no memory but `stack`. Empty with UnwindEnd::no_module while a
  // file of the program, overwritten in place, cannot be read again yet.
  UnwoundStack unwind(const UserRegisters& registers, const StackSlice& stack, std::size_t max_frames = 64);

  // Whether code is mapped there: a caller's address that is none was no caller's.
  bool is_code(std::uint64_t address);

  Frame symbolize(std::uint64_t ip, Position position = Position::current);

  // Every frame of a stack from unwind(), in the same order.
  std::vector<Frame> symbolize(const UnwoundStack& stack);

  // Reads the maps now, whatever the interval. On failure what was loaded before stays in use.
  Status refresh();

  ImageStats stats() const;

 private:
  class Impl;
  explicit ProcessImage(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace plateau::symbol
