#include "symbol/plt_stubs.h"

#include <gelf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "symbol/demangle.h"

namespace plateau::symbol {
namespace {

constexpr std::uint64_t kLongestX86 = 16, kLongestArm64 = 24;  // bytes

template <class T>
T read_at(std::span<const std::byte> bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

// "jmp *distance(%rip)", which endbr64 or bnd may come before.
std::vector<PltJump> jumps_on_x86(std::span<const std::byte> code, std::uint64_t address) {
  constexpr std::size_t kSize = 6;
  constexpr std::uint32_t kEndbr64 = 0xfa1e0ff3;
  std::vector<PltJump> all;
  for (std::size_t i = 0; i + kSize <= code.size(); i++) {
    if (code[i] != std::byte{0xff} || code[i + 1] != std::byte{0x25}) continue;
    const std::int64_t distance = read_at<std::int32_t>(code, i + 2);
    std::size_t begin = i;
    if (begin >= 1 && code[begin - 1] == std::byte{0xf2}) begin -= 1;
    if (begin >= 4 && read_at<std::uint32_t>(code, begin - 4) == kEndbr64) begin -= 4;
    all.push_back({address + begin, address + i + kSize + static_cast<std::uint64_t>(distance)});
  }
  return all;
}

// "adrp x16, page" and "ldr x17, [x16, rest]", which "bti c" may come before.
std::vector<PltJump> jumps_on_arm64(std::span<const std::byte> code, std::uint64_t address) {
  constexpr std::size_t kWord = 4;
  constexpr std::uint32_t kBti = 0xd503245f;
  std::vector<PltJump> all;
  for (std::size_t i = 0; i + 2 * kWord <= code.size(); i += kWord) {
    const auto adrp = read_at<std::uint32_t>(code, i), ldr = read_at<std::uint32_t>(code, i + kWord);
    if ((adrp & 0x9f00001f) != 0x90000010 || (ldr & 0xffc003ff) != 0xf9400211) continue;
    const std::uint64_t pages = (adrp >> 5 & 0x7ffff) << 2 | (adrp >> 29 & 3);  // 21 bits, signed
    const auto distance = static_cast<std::uint64_t>(static_cast<std::int64_t>(pages << 43) >> 31);
    const bool bti = i >= kWord && read_at<std::uint32_t>(code, i - kWord) == kBti;
    const std::uint64_t page = (address + i) & ~std::uint64_t{0xfff};
    all.push_back(
        {address + i - (bti ? kWord : 0), page + distance + (std::uint64_t{ldr >> 10 & 0xfff} << 3)});
  }
  return all;
}

struct SectionOf {
  Elf_Scn* section = nullptr;
  GElf_Shdr header{};
  std::string_view name;
};

std::vector<SectionOf> sections_of(Elf* elf) {
  std::vector<SectionOf> all;
  std::size_t names = 0;
  if (elf == nullptr || elf_getshdrstrndx(elf, &names) != 0) return all;
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    SectionOf one{section, {}, {}};
    if (gelf_getshdr(section, &one.header) == nullptr) continue;
    const char* name = elf_strptr(elf, names, one.header.sh_name);
    one.name = name ? name : "";
    all.push_back(one);
  }
  return all;
}

// The functions that relocations put into places of memory.
void add_relocations(Elf* elf, const SectionOf& relocations, std::map<std::uint64_t, std::string>& places) {
  Elf_Scn* symbols = elf_getscn(elf, relocations.header.sh_link);
  GElf_Shdr of_symbols{};
  if (symbols == nullptr || gelf_getshdr(symbols, &of_symbols) == nullptr) return;
  Elf_Data* rows = elf_getdata(relocations.section, nullptr);
  Elf_Data* names = elf_getdata(symbols, nullptr);
  if (rows == nullptr || names == nullptr) return;
  GElf_Rela row{};
  for (int i = 0; gelf_getrela(rows, i, &row) != nullptr; i++) {
    GElf_Sym symbol{};
    if (gelf_getsym(names, static_cast<int>(GELF_R_SYM(row.r_info)), &symbol) == nullptr) continue;
    const char* name = elf_strptr(elf, of_symbols.sh_link, symbol.st_name);
    if (name != nullptr && *name != '\0') places.emplace(row.r_offset, name);
  }
}

bool has_stubs(std::string_view section) {
  constexpr std::array<std::string_view, 3> kNames{".plt", ".plt.sec", ".plt.got"};
  return std::ranges::find(kNames, section) != kNames.end();
}

}  // namespace

std::vector<PltJump> plt_jumps(std::uint16_t machine, std::span<const std::byte> code,
                               std::uint64_t address) {
  if (machine == EM_X86_64) return jumps_on_x86(code, address);
  if (machine == EM_AARCH64) return jumps_on_arm64(code, address);
  return {};
}

PltStubs::Stubs PltStubs::read(Dwfl_Module* module) {
  Stubs stubs;
  GElf_Addr bias = 0;
  Elf* elf = dwfl_module_getelf(module, &bias);
  GElf_Ehdr file{};
  if (elf == nullptr || gelf_getehdr(elf, &file) == nullptr) return stubs;
  const auto sections = sections_of(elf);
  std::map<std::uint64_t, std::string> places;
  for (const auto& section : sections)
    if (section.header.sh_type == SHT_RELA) add_relocations(elf, section, places);
  const std::uint64_t longest = file.e_machine == EM_X86_64 ? kLongestX86 : kLongestArm64;
  for (const auto& section : sections) {
    if (!has_stubs(section.name)) continue;
    const Elf_Data* data = elf_rawdata(section.section, nullptr);
    if (data == nullptr || data->d_buf == nullptr) continue;
    const std::span<const std::byte> code{static_cast<const std::byte*>(data->d_buf), data->d_size};
    const std::uint64_t end = section.header.sh_addr + code.size();
    for (const auto& jump : plt_jumps(file.e_machine, code, section.header.sh_addr))
      if (const auto at = places.find(jump.place); at != places.end())
        stubs[jump.begin] = {std::min(jump.begin + longest, end), demangle(at->second) + "@plt"};
  }
  return stubs;
}

std::string PltStubs::name_of(Dwfl_Module* module, std::uint64_t offset) {
  const auto [known, fresh] = stubs_.try_emplace(module);
  if (fresh) known->second = read(module);
  auto stub = known->second.upper_bound(offset);
  if (stub == known->second.begin() || offset >= (--stub)->second.end) return {};
  return stub->second.name;
}

}  // namespace plateau::symbol
