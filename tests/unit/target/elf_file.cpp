#include "elf_file.h"

#include <algorithm>
#include <vector>

namespace plateau::target::test {
namespace {

constexpr std::uint64_t kProgramHeaders = sizeof(Elf64_Ehdr);

template <class T>
void put(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

class Writer {
 public:
  Elf64_Word name(const std::string& text) {
    const auto at = static_cast<Elf64_Word>(names_.size());
    names_ += text + '\0';
    return at;
  }

  void section(const std::string& text, Elf64_Word type, const std::string& contents, Elf64_Word link = 0,
               Elf64_Xword entry = 0) {
    bytes_.resize((bytes_.size() + 7) / 8 * 8);
    Elf64_Shdr header{};
    header.sh_name = name(text);
    header.sh_type = type;
    header.sh_offset = bytes_.size();
    header.sh_size = contents.size();
    header.sh_link = link;
    header.sh_entsize = entry;
    header.sh_addralign = 1;
    headers_.push_back(header);
    bytes_ += contents;
  }

  void names() {
    name(".shstrtab");
    section(".shstrtab", SHT_STRTAB, names_ + ".shstrtab" + '\0');
  }

  std::size_t sections() const { return headers_.size(); }
  std::string& bytes() { return bytes_; }
  const std::vector<Elf64_Shdr>& headers() const { return headers_; }

 private:
  std::string bytes_;
  std::string names_ = std::string(1, '\0');
  std::vector<Elf64_Shdr> headers_ = {Elf64_Shdr{}};
};

std::string symbol_table(std::uint64_t value) {
  std::string bytes;
  put(bytes, Elf64_Sym{});
  Elf64_Sym symbol{};
  symbol.st_name = 1;
  symbol.st_info = ELF64_ST_INFO(STB_LOCAL, STT_TLS);
  symbol.st_value = value;
  put(bytes, symbol);
  return bytes;
}

Elf64_Ehdr elf_header(std::uint16_t machine) {
  Elf64_Ehdr header{};
  std::copy_n(ELFMAG, SELFMAG, header.e_ident);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_EXEC;
  header.e_machine = machine;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof(Elf64_Ehdr);
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_shentsize = sizeof(Elf64_Shdr);
  return header;
}

}  // namespace

std::string bytes_of(const ElfFile& file) {
  Writer writer;
  Elf64_Ehdr header = elf_header(file.machine);
  put(writer.bytes(), header);
  if (file.tls_size != 0) {
    header.e_phoff = kProgramHeaders;
    header.e_phnum = 1;
    Elf64_Phdr tls{};
    tls.p_type = PT_TLS;
    tls.p_memsz = file.tls_size;
    tls.p_align = 16;
    put(writer.bytes(), tls);
  }
  if (!file.build_info.empty()) writer.section(".go.buildinfo", SHT_PROGBITS, file.build_info);
  if (file.tls_symbol) {
    const auto strings = static_cast<Elf64_Word>(writer.sections());
    writer.section(".strtab", SHT_STRTAB, std::string("\0runtime.tlsg\0", 14));
    writer.section(".symtab", SHT_SYMTAB, symbol_table(*file.tls_symbol), strings, sizeof(Elf64_Sym));
  }
  writer.names();
  header.e_shoff = writer.bytes().size();
  header.e_shnum = static_cast<Elf64_Half>(writer.sections());
  header.e_shstrndx = static_cast<Elf64_Half>(writer.sections() - 1);
  for (const Elf64_Shdr& section : writer.headers()) put(writer.bytes(), section);
  std::string start;
  put(start, header);
  return start + writer.bytes().substr(start.size());
}

std::string build_info(const std::string& version) {
  std::string bytes = "\xff Go buildinf:";
  bytes += '\0';
  bytes += '\2';
  bytes.resize(32);
  return bytes + static_cast<char>(version.size()) + version;
}

}  // namespace plateau::target::test
