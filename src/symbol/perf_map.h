// Names of just-in-time compiled code, as Node, JVMs, .NET and Python leave them in /tmp/perf-PID.map.
// Parsing is pure.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plateau::symbol {

// Where code moved or was thrown away, a later line stands for its place: the last one that covers an address
// wins.
class PerfMap {
 public:
  static constexpr std::size_t kMostEntries = 1 << 20;

  // Lines "start size name" in hexadecimal; others are left out, and those beyond the bound counted.
  void parse(std::string_view text);

  // The name of the code at `address`; empty: none. Valid as long as this.
  std::string_view name_of(std::uint64_t address) const;

  std::size_t size() const { return entries_.size(); }
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Entry {
    std::uint64_t start, end;
    std::uint32_t order;  // of its line
    std::string name;
  };
  std::vector<Entry> entries_;  // by start, then line
  std::uint64_t longest_ = 0;
  std::uint64_t dropped_ = 0;
};

// The map of one process, read again when it has grown.
class PerfMapFile {
 public:
  // `proc_directory` is an open /proc/PID: the file is the one of the target's own mount namespace and PID.
  explicit PerfMapFile(int proc_directory) : proc_(proc_directory) {}

  // Reads the file if it has changed. Only regular files of the target's user or root are read, up to 256
  // MiB.
  void refresh();

  std::string_view name_of(std::uint64_t address) const { return map_.name_of(address); }

 private:
  int proc_;
  PerfMap map_;
  off_t size_ = -1;
};

}  // namespace plateau::symbol
