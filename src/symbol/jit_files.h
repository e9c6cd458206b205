// The files in which a process's just-in-time compiler tells what it compiled.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "symbol/code_names.h"
#include "symbol/jit_dump.h"
#include "symbol/maps.h"

namespace plateau::symbol {

// Of one process: /tmp/perf-PID.map of its own mount and PID namespaces, and the jit-PID.dump that it has
// mapped. Each is read on from where it ended before, up to 256 MiB at a time, and only if it is a regular
// file.
class JitFiles {
 public:
  // `proc_directory` is an open /proc/PID, which must outlive this.
  explicit JitFiles(int proc_directory) : proc_(proc_directory) {}

  // Reads what is new. `mappings` are the process's own of now.
  void refresh(std::span<const Mapping> mappings);

  std::string_view name_of(std::uint64_t address) const;

 private:
  void read_map();
  void read_dump(const Mapping& mapping);

  int proc_;
  CodeNames map_names_, dump_names_;
  std::string map_end_;  // the last bytes that were read of the map
  off_t map_read_ = 0;
  std::string dump_path_;
  JitDump dump_;
  std::uint64_t dump_read_ = 0;
};

}  // namespace plateau::symbol
