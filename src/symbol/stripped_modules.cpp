#include "symbol/stripped_modules.h"

#include <gelf.h>

#include <string_view>

namespace plateau::symbol {

StrippedModules::Tables StrippedModules::read_tables(Dwfl_Module* module) {
  Tables tables;
  GElf_Addr bias = 0;
  Elf* elf = dwfl_module_getelf(module, &bias);
  std::size_t names = 0;
  if (elf == nullptr || elf_getshdrstrndx(elf, &names) != 0) return tables;
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header{};
    if (gelf_getshdr(section, &header) == nullptr) continue;
    const char* name = elf_strptr(elf, names, header.sh_name);
    const std::string_view text(name ? name : "");
    if (text != ".eh_frame_hdr" && text != ".eh_frame") continue;
    const Elf_Data* data = elf_rawdata(section, nullptr);
    if (data == nullptr || data->d_buf == nullptr) continue;
    auto& table = text == ".eh_frame" ? tables.frames : tables.header;
    table = {{static_cast<const std::byte*>(data->d_buf), data->d_size}, header.sh_addr};
  }
  return tables;
}

std::optional<std::uint64_t> StrippedModules::function_at(Dwfl_Module* module, std::uint64_t offset) {
  const auto [known, fresh] = tables_.try_emplace(module);
  if (fresh) known->second = read_tables(module);
  return symbol::function_at(offset, known->second.header, known->second.frames);
}

}  // namespace plateau::symbol
