#include "target/go_runtime.h"

#include <gelf.h>

#include <algorithm>
#include <cstring>

#include "target/elf_image.h"
#include "target/go_build_info.h"
#include "target/process_elf.h"

namespace plateau::target {
namespace {

constexpr std::size_t kMaxBuildInfo = 1u << 20;  // bytes of it that are looked at
constexpr unsigned kFirstWithStopReason = 21;    // Go 1.x

Elf_Scn* find_section(Elf* elf, const char* wanted, GElf_Shdr& header) {
  std::size_t names = 0;
  if (elf_getshdrstrndx(elf, &names) != 0) return nullptr;
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    if (!gelf_getshdr(section, &header)) continue;
    const char* name = elf_strptr(elf, names, header.sh_name);
    if (name && std::strcmp(name, wanted) == 0) return section;
  }
  return nullptr;
}

// Stripped programs keep the section: Go's linker writes it in any case.
Result<std::string> version_of(Elf* elf, const GElf_Shdr& header) {
  const std::string bytes =
      read_file_range(elf, header.sh_offset, std::min<std::size_t>(header.sh_size, kMaxBuildInfo));
  return go_version(std::as_bytes(std::span(bytes)), [elf](std::uint64_t address, std::size_t length) {
    return read_image(elf, address, length);
  });
}

void find_layout(Elf* elf, int machine, GoRuntime& go) {
  if (machine != EM_X86_64 && machine != EM_AARCH64) {
    go.problem = "it is built for a machine whose goroutines are not known";
    return;
  }
  const auto tls = machine == EM_X86_64 ? go_tls_offset(elf) : std::optional<std::int32_t>(0);
  if (!tls) {
    go.problem = "it has thread-local variables of C code, and no symbols to tell Go's from them";
    return;
  }
  go.tls = *tls;
  if (const auto layout = dwarf_go_layout(elf)) {
    go.layout = *layout;
    go.source = GoLayoutSource::dwarf;
  } else if (const auto known = known_go_layout(go.version)) {
    go.layout = *known;
    go.source = GoLayoutSource::table;
  } else {
    go.problem = "it is stripped of DWARF, and the layout of " +
                 (go.version.empty() ? "its Go" : go.version) + " is not known";
  }
}

}  // namespace

bool GoRuntime::tells_stop_reason() const {
  // A version that is not known has DWARF that was found good, and is a new one, or built from the tip.
  const unsigned minor = go_minor(version);
  return minor == 0 || minor >= kFirstWithStopReason;
}

std::string describe_goroutines(const GoRuntime& go) {
  if (!go.has_goroutines()) return "time is charged to threads, not to goroutines: " + go.problem;
  return "goroutine ids at offset " + std::to_string(go.layout.goid) + " of g (" +
         (go.source == GoLayoutSource::dwarf ? "from DWARF" : "known for this version") + "); " +
         (go.waits.empty() ? "what they wait for is not known" : "what they wait for with --detail high");
}

Result<GoRuntime> go_runtime(Elf* elf) {
  GElf_Ehdr elf_header;
  GElf_Shdr header;
  if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &elf_header)) return fail("no ELF file");
  if (!find_section(elf, ".go.buildinfo", header)) return fail("no Go program: it has no .go.buildinfo");
  GoRuntime go;
  if (auto version = version_of(elf, header)) go.version = *version;
  find_layout(elf, elf_header.e_machine, go);
  if (go.has_goroutines() && go.layout.tells_waits()) go.waits = go_waits(elf);
  return go;
}

Result<GoRuntime> go_runtime_of(pid_t pid) {
  const auto elf = ProcessElf::open(pid);
  return elf ? go_runtime(elf->elf()) : elf.error();
}

}  // namespace plateau::target
