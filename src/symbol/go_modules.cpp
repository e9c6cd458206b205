#include "symbol/go_modules.h"

#include <gelf.h>

#include <string_view>

namespace plateau::symbol {
namespace {

std::optional<target::GoSymbols> read_table(Dwfl_Module* module) {
  GElf_Addr bias = 0;
  Elf* elf = dwfl_module_getelf(module, &bias);
  std::size_t names = 0;
  if (elf == nullptr || elf_getshdrstrndx(elf, &names) != 0) return {};
  std::uint64_t text_start = 0;
  const Elf_Data* table = nullptr;
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header{};
    if (gelf_getshdr(section, &header) == nullptr) continue;
    const char* name = elf_strptr(elf, names, header.sh_name);
    if (name == nullptr) continue;
    if (std::string_view(name) == ".text") text_start = header.sh_addr;
    if (target::is_go_function_table(name)) table = elf_rawdata(section, nullptr);
  }
  if (table == nullptr || table->d_buf == nullptr) return {};
  auto symbols =
      target::GoSymbols::parse({static_cast<const std::byte*>(table->d_buf), table->d_size}, text_start);
  return symbols ? std::optional<target::GoSymbols>(std::move(*symbols)) : std::nullopt;
}

}  // namespace

std::string GoModules::name_of(Dwfl_Module* module, std::uint64_t offset) {
  const auto [table, fresh] = tables_.try_emplace(module);
  if (fresh) table->second = read_table(module);
  return table->second ? std::string(table->second->name_of(offset)) : std::string();
}

}  // namespace plateau::symbol
