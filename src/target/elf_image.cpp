#include "target/elf_image.h"

#include <gelf.h>

namespace plateau::target {

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

}  // namespace plateau::target
