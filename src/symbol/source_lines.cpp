#include "symbol/source_lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>

#include <optional>
#include <string>
#include <vector>

#include "symbol/demangle.h"

namespace plateau::symbol {
namespace {

// Scopes nest as deep as the file says; what is deeper than this is not shown.
constexpr std::size_t kDeepest = 64;

struct Place {
  std::string file;
  int line = 0;
};

// Only gcc writes .debug_aranges by default; without it every unit is asked for its range.
Dwarf_Die* unit_at(Dwfl_Module* module, std::uint64_t address, Dwarf_Addr& bias) {
  if (auto* unit = dwfl_module_addrdie(module, address, &bias)) return unit;
  Dwarf_Die* unit = nullptr;
  while ((unit = dwfl_module_nextcu(module, unit, &bias)) != nullptr) {
    if (dwarf_haspc(unit, address - bias) > 0) return unit;
  }
  return nullptr;
}

bool may_hold_functions(int tag) {
  return tag == DW_TAG_namespace || tag == DW_TAG_structure_type || tag == DW_TAG_class_type;
}

// The function at `pc` among the children of `scope`, of the namespaces and of the types in it: gcc leaves
// only declarations there, LLVM's compilers (clang, rustc) the functions themselves, which dwarf_getscopes()
// misses.
std::optional<Dwarf_Die> function_in(Dwarf_Die* scope, Dwarf_Addr pc, std::size_t depth = 0) {
  Dwarf_Die child;
  if (depth == kDeepest || dwarf_child(scope, &child) != 0) return std::nullopt;
  do {
    const int tag = dwarf_tag(&child);
    if (tag == DW_TAG_subprogram && dwarf_haspc(&child, pc) > 0) return child;
    if (!may_hold_functions(tag)) continue;
    if (const auto found = function_in(&child, pc, depth + 1)) return found;
  } while (dwarf_siblingof(&child, &child) == 0);
  return std::nullopt;
}

// The child of `scope` around `pc` that is a call inlined into it or a block.
std::optional<Dwarf_Die> part_of(Dwarf_Die* scope, Dwarf_Addr pc) {
  Dwarf_Die child;
  if (dwarf_child(scope, &child) != 0) return std::nullopt;
  do {
    const int tag = dwarf_tag(&child);
    if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_lexical_block) continue;
    if (dwarf_haspc(&child, pc) > 0) return child;
  } while (dwarf_siblingof(&child, &child) == 0);
  return std::nullopt;
}

// The calls inlined around `pc`, innermost first.
std::vector<Dwarf_Die> inlined_at(Dwarf_Die* unit, Dwarf_Addr pc) {
  std::vector<Dwarf_Die> inlined;
  auto scope = function_in(unit, pc);
  for (std::size_t depth = 0; scope && depth < kDeepest; depth++) {
    if (dwarf_tag(&*scope) == DW_TAG_inlined_subroutine) inlined.insert(inlined.begin(), *scope);
    scope = part_of(&*scope, pc);
  }
  return inlined;
}

Place place_of(Dwarf_Die* unit, std::uint64_t address) {
  auto* line = dwarf_getsrc_die(unit, address);
  if (line == nullptr) return {};
  Place place;
  if (const auto* file = dwarf_linesrc(line, nullptr, nullptr)) place.file = file;
  dwarf_lineno(line, &place.line);
  return place;
}

// Where the function inlined as `die` was called from.
Place call_site(Dwarf_Die* unit, Dwarf_Die* die) {
  Place place;
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;
  if (dwarf_formudata(dwarf_attr(die, DW_AT_call_line, &attribute), &value) == 0) {
    place.line = static_cast<int>(value);
  }
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  if (dwarf_formudata(dwarf_attr(die, DW_AT_call_file, &attribute), &value) != 0) return place;
  if (dwarf_getsrcfiles(unit, &files, &count) != 0 || value >= count) return place;
  if (const auto* file = dwarf_filesrc(files, value, nullptr, nullptr)) place.file = file;
  return place;
}

std::string name_of(Dwarf_Die* die) {
  Dwarf_Attribute attribute;
  auto* linkage = dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute);
  if (const auto* name = linkage != nullptr ? dwarf_formstring(linkage) : nullptr) return demangle(name);
  const auto* name = dwarf_diename(die);
  return name != nullptr ? name : "[inlined]";
}

// The inlined calls at `pc`, innermost first; leaves in `place` where the function itself stands.
std::vector<InlinedCall> inlined_calls(Dwarf_Die* unit, Dwarf_Addr pc, Place& place) {
  std::vector<InlinedCall> calls;
  for (auto& call : inlined_at(unit, pc)) {
    calls.push_back({name_of(&call), std::move(place.file), place.line});
    place = call_site(unit, &call);
  }
  return calls;
}

}  // namespace

void SourceLines::annotate(Dwfl_Module* module, std::uint64_t address, Frame& frame) {
  Dwarf_Addr bias = 0;
  auto* unit = unit_at(module, address, bias);
  if (unit == nullptr || !admit(unit->addr)) return;
  auto place = place_of(unit, address - bias);
  frame.inlined = inlined_calls(unit, address - bias, place);
  frame.file = std::move(place.file);
  frame.line = place.line;
}

bool SourceLines::admit(const void* unit) {
  if (units_.contains(unit)) return true;
  if (units_.size() >= max_units_) {
    ++skipped_;
    return false;
  }
  units_.insert(unit);
  return true;
}

}  // namespace plateau::symbol
