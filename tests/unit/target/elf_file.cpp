#include "elf_file.h"

#include <algorithm>
#include <vector>

namespace plateau::target::test {
namespace {

constexpr std::uint64_t kProgramHeaders = sizeof(Elf64_Ehdr);
constexpr std::uint64_t kLoadedAt = 0x10000;  // the file's first byte
constexpr std::uint64_t kLoaded = 0x10000;    // bytes of it, or all

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

  // Where the next section will be loaded.
  std::uint64_t next_address() const { return kLoadedAt + (bytes_.size() + 7) / 8 * 8; }

  void data(const std::string& contents) {
    const std::uint64_t address = next_address();
    section(".data", SHT_PROGBITS, contents);
    headers_.back().sh_flags = SHF_ALLOC | SHF_WRITE;
    headers_.back().sh_addr = address;
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

void put_texts(Writer& writer, const ElfFile& file) {
  std::string words, data, relocations;
  for (const std::string& text : file.texts) words += text;
  std::uint64_t address = writer.next_address();
  writer.section(".rodata", SHT_PROGBITS, words);
  for (const std::string& text : file.texts) {
    Elf64_Rela entry{};
    entry.r_offset = writer.next_address() + data.size();
    entry.r_info = ELF64_R_INFO(0, file.machine == EM_AARCH64 ? R_AARCH64_RELATIVE : R_X86_64_RELATIVE);
    entry.r_addend = static_cast<Elf64_Sxword>(address);
    if (!text.empty()) put(relocations, entry);
    put(data, text.empty() || file.position_independent ? std::uint64_t{0} : address);
    put(data, std::uint64_t{text.size()});
    address += text.size();
  }
  writer.data(data);
  if (file.position_independent) writer.section(".rela.dyn", SHT_RELA, relocations, 0, sizeof(Elf64_Rela));
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
  if (file.position_independent) header.e_type = ET_DYN;
  if (!file.texts.empty()) {
    header.e_phoff = kProgramHeaders;
    header.e_phnum++;
    Elf64_Phdr load{};
    load.p_type = PT_LOAD;
    load.p_vaddr = kLoadedAt;
    load.p_filesz = load.p_memsz = kLoaded;
    put(writer.bytes(), load);
  }
  if (file.tls_size != 0) {
    header.e_phoff = kProgramHeaders;
    header.e_phnum++;
    Elf64_Phdr tls{};
    tls.p_type = PT_TLS;
    tls.p_memsz = file.tls_size;
    tls.p_align = 16;
    put(writer.bytes(), tls);
  }
  if (!file.build_info.empty()) writer.section(".go.buildinfo", SHT_PROGBITS, file.build_info);
  if (!file.texts.empty()) put_texts(writer, file);
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
