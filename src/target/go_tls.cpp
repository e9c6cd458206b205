#include <gelf.h>

#include <algorithm>
#include <cstring>

#include "target/go_layout.h"

namespace plateau::target {
namespace {

constexpr std::int32_t kAlone = -8;  // the only thread-local variable lies just below the thread pointer
constexpr std::uint64_t kMaxTls = 1u << 20;
constexpr std::size_t kMaxSymbols = 4'000'000;

std::optional<GElf_Phdr> tls_segment(Elf* elf) {
  std::size_t count = 0;
  if (elf_getphdrnum(elf, &count) != 0) return std::nullopt;
  for (std::size_t i = 0; i < count; i++) {
    GElf_Phdr header;
    if (gelf_getphdr(elf, static_cast<int>(i), &header) && header.p_type == PT_TLS) return header;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> find_symbol(Elf* elf, Elf_Scn* section, const GElf_Shdr& header,
                                         const char* wanted) {
  Elf_Data* data = elf_getdata(section, nullptr);
  if (!data || header.sh_entsize == 0) return std::nullopt;
  const std::size_t count = std::min<std::size_t>(data->d_size / header.sh_entsize, kMaxSymbols);
  for (std::size_t i = 0; i < count; i++) {
    GElf_Sym symbol;
    if (!gelf_getsym(data, static_cast<int>(i), &symbol)) break;
    if (GELF_ST_TYPE(symbol.st_info) != STT_TLS) continue;
    const char* name = elf_strptr(elf, header.sh_link, symbol.st_name);
    if (name && std::strcmp(name, wanted) == 0) return symbol.st_value;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> tls_symbol(Elf* elf, const char* wanted) {
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB) continue;
    if (const auto value = find_symbol(elf, section, header, wanted)) return value;
  }
  return std::nullopt;
}

}  // namespace

// ELF's TLS variant II: the segment ends, aligned, at the thread pointer.
std::optional<std::int32_t> go_tls_offset(Elf* elf) {
  const auto segment = tls_segment(elf);
  if (!segment || segment->p_memsz <= 8) return kAlone;
  const auto value = tls_symbol(elf, "runtime.tlsg");
  const std::uint64_t align = segment->p_align ? segment->p_align : 1;
  if (!value || segment->p_memsz > kMaxTls || align > kMaxTls || *value >= segment->p_memsz)
    return std::nullopt;
  const std::uint64_t size = (segment->p_memsz + align - 1) / align * align;
  return static_cast<std::int32_t>(*value) - static_cast<std::int32_t>(size);
}

}  // namespace plateau::target
