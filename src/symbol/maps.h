// /proc/PID/maps → the files a process has mapped as code. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plateau::symbol {

struct Mapping {
  std::uint64_t start = 0, end = 0;  // [start, end)
  std::uint64_t offset = 0;          // in the file, bytes
  std::uint64_t inode = 0;           // 0: no file
  bool executable = false;
  bool deleted = false;  // the file has no name any more
  std::string path;      // without " (deleted)"; "[vdso]" and the like for special ones, empty for none

  bool operator==(const Mapping&) const = default;
};

// Lines that do not parse are left out.
std::vector<Mapping> parse_maps(std::string_view text);

// jit-PID.dump, which a just-in-time compiler maps so that tools find it; it is no code.
bool is_jit_dump(const Mapping& mapping);

// One loaded file: a run of neighbouring mappings of the same file, at least one of them executable. `first`
// is the lowest of them. [vdso] counts as a file, a jit-PID.dump does not.
struct LoadedFile {
  Mapping first;
  std::uint64_t end = 0;

  bool operator==(const LoadedFile&) const = default;
};

std::vector<LoadedFile> loaded_files(std::span<const Mapping> mappings);

// The executable ranges among `mappings`, ascending, as the kernel prints them. Needs `mappings` in that
// order.
class CodeRanges {
 public:
  CodeRanges() = default;
  explicit CodeRanges(std::span<const Mapping> mappings);
  bool contains(std::uint64_t address) const;

 private:
  struct Range {
    std::uint64_t start, end;
  };
  std::vector<Range> ranges_;
};

}  // namespace plateau::symbol
