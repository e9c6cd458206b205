#include "target/elf_image.h"

#include <gelf.h>

#include <algorithm>
#include <cstring>

namespace plateau::target {
namespace {

constexpr std::size_t kMaxRelocations = 64u << 20;  // bytes of them

}  // namespace

std::string read_file_range(Elf* elf, std::uint64_t offset, std::size_t length) {
  const Elf_Data* data = elf_getdata_rawchunk(elf, static_cast<std::int64_t>(offset), length, ELF_T_BYTE);
  return data && data->d_buf ? std::string(static_cast<const char*>(data->d_buf), data->d_size)
                             : std::string();
}

std::string read_image(Elf* elf, std::uint64_t address, std::size_t length) {
  std::size_t count = 0;
  if (elf_getphdrnum(elf, &count) != 0) return {};
  for (std::size_t i = 0; i < count; i++) {
    GElf_Phdr p;
    if (!gelf_getphdr(elf, static_cast<int>(i), &p) || p.p_type != PT_LOAD) continue;
    if (address < p.p_vaddr || address - p.p_vaddr > p.p_filesz ||
        length > p.p_filesz - (address - p.p_vaddr))
      continue;
    return read_file_range(elf, p.p_offset + (address - p.p_vaddr), length);
  }
  return {};
}

void relocate(Elf* elf, std::uint64_t address, std::string& data) {
  GElf_Ehdr file;
  if (!gelf_getehdr(elf, &file) || file.e_type != ET_DYN) return;
  const unsigned relative = file.e_machine == EM_AARCH64 ? R_AARCH64_RELATIVE : R_X86_64_RELATIVE;
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr table;
    if (!gelf_getshdr(section, &table) || table.sh_type != SHT_RELA) continue;
    const std::string entries =
        read_file_range(elf, table.sh_offset, std::min<std::size_t>(table.sh_size, kMaxRelocations));
    for (std::size_t at = 0; at + sizeof(Elf64_Rela) <= entries.size(); at += sizeof(Elf64_Rela)) {
      Elf64_Rela entry;
      std::memcpy(&entry, entries.data() + at, sizeof(entry));
      const std::uint64_t place = entry.r_offset - address;
      if (ELF64_R_TYPE(entry.r_info) != relative || entry.r_offset < address) continue;
      if (data.size() < sizeof(entry.r_addend) || place > data.size() - sizeof(entry.r_addend)) continue;
      std::memcpy(data.data() + place, &entry.r_addend, sizeof(entry.r_addend));
    }
  }
}

std::optional<std::uint64_t> file_offset(Elf* elf, std::uint64_t address) {
  std::size_t count = 0;
  if (elf_getphdrnum(elf, &count) != 0) return std::nullopt;
  for (std::size_t i = 0; i < count; i++) {
    GElf_Phdr p;
    if (!gelf_getphdr(elf, static_cast<int>(i), &p) || p.p_type != PT_LOAD || !(p.p_flags & PF_X)) continue;
    if (address >= p.p_vaddr && address - p.p_vaddr < p.p_filesz) return p.p_offset + (address - p.p_vaddr);
  }
  return std::nullopt;
}

}  // namespace plateau::target
