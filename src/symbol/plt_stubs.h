// The stubs by which a program calls functions of shared libraries: no symbol names them, but each jumps
// through a place that a relocation has filled with a function of some name.
#pragma once

#include <elfutils/libdwfl.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace plateau::symbol {

// A stub, and the place of memory through which it jumps.
struct PltJump {
  std::uint64_t begin = 0;
  std::uint64_t place = 0;

  bool operator==(const PltJump&) const = default;
};

// Those of a section at `address`, in their order; what looks like one may be found besides. Pure. `machine`:
// EM_X86_64 or EM_AARCH64; of others nothing is found.
std::vector<PltJump> plt_jumps(std::uint16_t machine, std::span<const std::byte> code, std::uint64_t address);

class PltStubs {
 public:
  // "malloc@plt"; empty: no stub, or not known of what. `offset` as the module's ELF file has it.
  std::string name_of(Dwfl_Module* module, std::uint64_t offset);

  // Forget the modules of a session that is gone.
  void clear() { stubs_.clear(); }

 private:
  struct Stub {
    std::uint64_t end = 0;
    std::string name;
  };
  using Stubs = std::map<std::uint64_t, Stub>;  // by where they begin
  static Stubs read(Dwfl_Module* module);

  std::unordered_map<const void*, Stubs> stubs_;
};

}  // namespace plateau::symbol
