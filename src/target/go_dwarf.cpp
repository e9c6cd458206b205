// runtime.g and runtime.m as a program's own DWARF describes them.
#include <dwarf.h>
#include <elfutils/libdw.h>

#include <cstring>
#include <memory>

#include "target/go_layout.h"

namespace plateau::target {
namespace {

// No program comes near these: they end what a malformed file could make endless.
constexpr unsigned kMaxUnits = 200'000;
constexpr unsigned kMaxEntries = 1'000'000;
constexpr Dwarf_Word kMaxOffset = 4096;

struct DwarfEnd {
  void operator()(Dwarf* dwarf) const { dwarf_end(dwarf); }
};

bool is_named(Dwarf_Die* die, const char* name) {
  const char* own = dwarf_diename(die);
  return own && std::strcmp(own, name) == 0;
}

std::uint32_t offset_of(Dwarf_Die structure, const char* member) {
  Dwarf_Die die;
  unsigned entries = 0;
  for (int left = dwarf_child(&structure, &die); left == 0 && entries < kMaxEntries; entries++) {
    Dwarf_Attribute attribute;
    Dwarf_Word offset = 0;
    if (dwarf_tag(&die) == DW_TAG_member && is_named(&die, member) &&
        dwarf_attr(&die, DW_AT_data_member_location, &attribute) &&
        dwarf_formudata(&attribute, &offset) == 0 && offset <= kMaxOffset)
      return static_cast<std::uint32_t>(offset);
    left = dwarf_siblingof(&die, &die);
  }
  return 0;
}

// False if neither structure is in the unit.
bool add_structures(Dwarf_Die unit, GoLayout& layout) {
  Dwarf_Die die;
  unsigned entries = 0, found = 0;
  for (int left = dwarf_child(&unit, &die); left == 0 && entries < kMaxEntries && found < 2; entries++) {
    const bool structure = dwarf_tag(&die) == DW_TAG_structure_type;
    if (structure && is_named(&die, "runtime.g")) {
      layout.goid = offset_of(die, "goid");
      layout.m = offset_of(die, "m");
      layout.status = offset_of(die, "atomicstatus");
      layout.waitreason = offset_of(die, "waitreason");
      found++;
    } else if (structure && is_named(&die, "runtime.m")) {
      layout.curg = offset_of(die, "curg");
      found++;
    }
    left = dwarf_siblingof(&die, &die);
  }
  return found > 0;
}

}  // namespace

// A package has a unit for its Go code and one for each file in assembly.
std::optional<GoLayout> dwarf_go_layout(Elf* elf) {
  const std::unique_ptr<Dwarf, DwarfEnd> dwarf(dwarf_begin_elf(elf, DWARF_C_READ, nullptr));
  if (!dwarf) return std::nullopt;
  GoLayout layout;
  Dwarf_CU* unit = nullptr;
  Dwarf_Die die;
  for (unsigned i = 0; i < kMaxUnits; i++) {
    if (dwarf_get_units(dwarf.get(), unit, &unit, nullptr, nullptr, &die, nullptr) != 0) break;
    if (is_named(&die, "runtime") && add_structures(die, layout)) break;
  }
  if (!layout.goid || !layout.m) return std::nullopt;
  return layout;
}

}  // namespace plateau::target
