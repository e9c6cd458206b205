// The jitdump format of just-in-time compilers: Node with --perf-prof, .NET, Python with -X perf_jit, and
// JVMs with perf's agent. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>

#include "symbol/code_names.h"

namespace plateau::symbol {

// Read a piece at a time, since such a file grows while its process runs, and holds the code itself too,
// which is passed over.
class JitDump {
 public:
  // Bytes that are enough for the head of any record.
  static constexpr std::size_t kHead = 16 + 40 + CodeNames::kLongestName + 1;

  // Adds what `bytes` tell of code that was compiled or moved. Returns how far from their beginning the next
  // are to begin: beyond their end where they end in code, before it where they end in a record's head, which
  // has to come again with more behind it. What is no such file, or damaged, is not read any further: ok() is
  // false from there on.
  std::uint64_t feed(std::span<const std::byte> bytes, CodeNames& names);

  bool ok() const { return ok_; }

 private:
  void add_load(std::span<const std::byte> record, CodeNames& names);
  void add_move(std::span<const std::byte> record, CodeNames& names) const;

  std::unordered_map<std::uint64_t, std::uint32_t> name_of_code_;  // by the file's own number for it
  bool begun_ = false;
  bool ok_ = true;
};

}  // namespace plateau::symbol
