#include "symbol/source_lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>

#include <cstdlib>
#include <memory>
#include <span>
#include <string>

#include "symbol/demangle.h"

namespace plateau::symbol {
namespace {

// Scopes nest as deep as the file says; what is deeper than this is not shown.
constexpr std::size_t kMostInlined = 32;

struct Free {
  void operator()(Dwarf_Die* dies) const { std::free(dies); }
};

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

// Takes the inlined calls off the scopes, innermost first, and leaves in `place` where the function itself
// stands.
std::vector<InlinedCall> inlined_calls(Dwarf_Die* unit, std::span<Dwarf_Die> scopes, Place& place) {
  std::vector<InlinedCall> calls;
  for (auto& scope : scopes) {
    const int tag = dwarf_tag(&scope);
    if (tag == DW_TAG_subprogram || calls.size() == kMostInlined) break;
    if (tag != DW_TAG_inlined_subroutine) continue;
    calls.push_back({name_of(&scope), std::move(place.file), place.line});
    place = call_site(unit, &scope);
  }
  return calls;
}

}  // namespace

void SourceLines::annotate(Dwfl_Module* module, std::uint64_t address, Frame& frame) {
  Dwarf_Addr bias = 0;
  auto* unit = unit_at(module, address, bias);
  if (unit == nullptr || !admit(unit->addr)) return;
  auto place = place_of(unit, address - bias);
  Dwarf_Die* scopes = nullptr;
  const int count = dwarf_getscopes(unit, address - bias, &scopes);
  const std::unique_ptr<Dwarf_Die, Free> owner(scopes);
  if (count > 0)
    frame.inlined = inlined_calls(unit, std::span(scopes, static_cast<std::size_t>(count)), place);
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
