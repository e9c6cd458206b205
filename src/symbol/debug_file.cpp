#include "symbol/debug_file.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/fd.h"

namespace plateau::symbol {
namespace {

using BuildId = std::span<const unsigned char>;

constexpr std::size_t kLongestBuildId = 64;

BuildId build_id_of(Dwfl_Module* module) {
  const unsigned char* bits = nullptr;
  GElf_Addr where = 0;
  const int size = dwfl_module_build_id(module, &bits, &where);
  return size > 1 ? BuildId(bits, static_cast<std::size_t>(size)) : BuildId();
}

bool has_build_id(int fd, BuildId expected) {
  Elf* elf = elf_begin(fd, ELF_C_READ, nullptr);
  if (elf == nullptr) return false;
  const void* bits = nullptr;
  const auto size = dwelf_elf_gnu_build_id(elf, &bits);
  const bool same = size == static_cast<ssize_t>(expected.size()) &&
                    std::memcmp(bits, expected.data(), expected.size()) == 0;
  elf_end(elf);
  return same;
}

constexpr std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320u : 0u);
    table[i] = value;
  }
  return table;
}

bool has_crc(int fd, std::uint32_t expected) {
  static constexpr auto kTable = crc_table();
  std::array<unsigned char, 65536> chunk;
  std::uint32_t crc = ~0u;
  off_t at = 0;
  ssize_t got = 0;
  while ((got = pread(fd, chunk.data(), chunk.size(), at)) > 0) {
    at += got;
    for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
      crc = (crc >> 8) ^ kTable[(crc ^ chunk[i]) & 0xff];
    }
  }
  return got == 0 && ~crc == expected;
}

std::string build_id_path(BuildId id) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string path = "/usr/lib/debug/.build-id/";
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (i == 1) path += '/';
    path += kDigits[id[i] >> 4];
    path += kDigits[id[i] & 0xf];
  }
  return path + ".debug";
}

std::string directory_of(std::string_view path) {
  return std::string(path.substr(0, path.find_last_of('/') + 1));
}

std::vector<std::string> paths_by_link(const std::string& directory, const std::string& link) {
  return {directory + link, directory + ".debug/" + link, "/usr/lib/debug" + directory + link};
}

// Opens the first of `paths`, under any of the roots, that `accept` takes.
template <class Accept>
int open_first(const DebugSearch& search, const std::vector<std::string>& paths, Accept accept,
               char** found) {
  for (const auto& root : search.roots) {
    for (const auto& path : paths) {
      const auto full = root + path;
      struct stat status {};
      if (stat(full.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
      Fd fd(open(full.c_str(), O_RDONLY | O_CLOEXEC));
      if (!fd.valid() || !accept(fd.get())) continue;
      *found = strdup(full.c_str());
      return fd.release();
    }
  }
  return -1;
}

int find_supplement(const DebugSearch& search, const std::string& directory, const std::string& link,
                    char** found) {
  const auto path = link.starts_with('/') ? link : directory + link;
  return open_first(
      search, {path}, [](int) { return true; }, found);
}

int find_on_disk(const DebugSearch& search, Dwfl_Module* module, const char* module_name, const char* link,
                 GElf_Word crc, char** found) {
  const auto directory = directory_of(module_name);
  const std::string name = link != nullptr ? link : "";
  // A .gnu_debuglink is a bare file name; only the link to a supplementary file has directories.
  if (name.find('/') != std::string::npos) return find_supplement(search, directory, name, found);
  const auto id = build_id_of(module);
  if (!id.empty() && id.size() <= kLongestBuildId) {
    const int fd = open_first(
        search, {build_id_path(id)}, [&](int f) { return has_build_id(f, id); }, found);
    if (fd >= 0) return fd;
  }
  if (name.empty() || directory.empty()) return -1;
  const auto accept = [&](int f) { return id.empty() ? has_crc(f, crc) : has_build_id(f, id); };
  return open_first(search, paths_by_link(directory, name), accept, found);
}

}  // namespace

int find_debug_file(Dwfl_Module* module, void** userdata, const char* module_name, Dwarf_Addr base,
                    const char* file_name, const char* link, GElf_Word crc, char** found) {
  const auto* search = userdata != nullptr ? static_cast<const DebugSearch*>(*userdata) : nullptr;
  if (search == nullptr || module_name == nullptr) return -1;
  const int fd = find_on_disk(*search, module, module_name, link, crc, found);
  if (fd >= 0 || !search->debuginfod) return fd;
  return dwfl_standard_find_debuginfo(module, userdata, module_name, base, file_name, link, crc, found);
}

}  // namespace plateau::symbol
