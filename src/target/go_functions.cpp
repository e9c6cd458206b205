#include "target/go_functions.h"

#include <gelf.h>

#include <algorithm>
#include <span>
#include <string>

#include "target/elf_image.h"
#include "target/go_symbols.h"
#include "target/process_elf.h"

namespace plateau::target {
namespace {

constexpr std::size_t kMaxSymbols = 4'000'000;
constexpr std::size_t kMaxTable = 256u << 20;  // bytes of Go's table of functions

struct Sections {
  std::uint64_t text = 0;
  std::optional<GElf_Shdr> symbols;  // of .symtab
  Elf_Scn* symbols_section = nullptr;
  std::optional<GElf_Shdr> functions;  // Go's own table
};

Sections sections_of(Elf* elf) {
  Sections sections;
  std::size_t names = 0;
  if (elf_getshdrstrndx(elf, &names) != 0) return sections;
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (!gelf_getshdr(section, &header)) continue;
    const char* text = elf_strptr(elf, names, header.sh_name);
    const std::string_view name = text ? text : "";
    if (name == ".text") sections.text = header.sh_addr;
    if (is_go_function_table(name)) sections.functions = header;
    if (header.sh_type != SHT_SYMTAB) continue;
    sections.symbols = header;
    sections.symbols_section = section;
  }
  return sections;
}

std::optional<std::uint64_t> by_symbols(Elf* elf, const Sections& sections, std::string_view name) {
  if (!sections.symbols || sections.symbols->sh_entsize == 0) return std::nullopt;
  Elf_Data* data = elf_getdata(sections.symbols_section, nullptr);
  if (!data) return std::nullopt;
  const std::size_t count = std::min<std::size_t>(data->d_size / sections.symbols->sh_entsize, kMaxSymbols);
  for (std::size_t i = 0; i < count; i++) {
    GElf_Sym symbol;
    if (!gelf_getsym(data, static_cast<int>(i), &symbol)) break;
    if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC) continue;
    const char* text = elf_strptr(elf, sections.symbols->sh_link, symbol.st_name);
    if (text && name == text) return symbol.st_value;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> by_table(Elf* elf, const Sections& sections, std::string_view name) {
  if (!sections.functions) return std::nullopt;
  std::string bytes = read_file_range(elf, sections.functions->sh_offset,
                                      std::min<std::size_t>(sections.functions->sh_size, kMaxTable));
  relocate(elf, sections.functions->sh_addr, bytes);
  const auto table = GoSymbols::parse(std::as_bytes(std::span(bytes)), sections.text);
  return table ? table->address_of(name) : std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> go_function(Elf* elf, std::string_view name) {
  const Sections sections = sections_of(elf);
  auto address = by_symbols(elf, sections, name);
  if (!address) address = by_table(elf, sections, name);
  return address ? file_offset(elf, *address) : std::nullopt;
}

Result<GoStopPlaces> go_stop_places(Elf* elf) {
  const auto stops = go_function(elf, "runtime.stopTheWorldWithSema");
  const auto starts = go_function(elf, "runtime.startTheWorldWithSema");
  if (!stops || !starts)
    return fail("the program does not tell where its runtime stops the world and starts it again");
  return GoStopPlaces{*stops, *starts};
}

Result<GoStopPlaces> go_stop_places_of(pid_t pid) {
  auto elf = ProcessElf::open(pid);
  return elf ? go_stop_places(elf->elf()) : elf.error();
}

}  // namespace plateau::target
