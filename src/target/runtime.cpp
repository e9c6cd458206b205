#include "target/runtime.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/fd.h"

namespace plateau::target {
namespace {

// Go's linker always writes this section, stripped or not (cmd/link, debug/buildinfo).
bool has_section(pid_t pid, const char* wanted) {
  const Fd fd(open(("/proc/" + std::to_string(pid) + "/exe").c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() || elf_version(EV_CURRENT) == EV_NONE) return false;
  Elf* elf = elf_begin(fd.get(), ELF_C_READ, nullptr);
  if (!elf) return false;
  std::size_t names = 0;
  bool found = false;
  if (elf_kind(elf) == ELF_K_ELF && elf_getshdrstrndx(elf, &names) == 0) {
    for (Elf_Scn* section = nullptr; !found && (section = elf_nextscn(elf, section)) != nullptr;) {
      GElf_Shdr header;
      if (!gelf_getshdr(section, &header)) continue;
      const char* name = elf_strptr(elf, names, header.sh_name);
      found = name && std::strcmp(name, wanted) == 0;
    }
  }
  elf_end(elf);
  return found;
}

constexpr std::array<std::pair<const char*, Runtime>, 6> kLibraries{{
    {"/libjvm.so", Runtime::jvm},
    {"/libnode.so", Runtime::node},
    {"/libpython", Runtime::python},
    {"/libcoreclr.so", Runtime::dotnet},
    {"/libruby", Runtime::ruby},
    {"/libjli.so", Runtime::jvm},
}};

constexpr std::array<std::pair<const char*, Runtime>, 5> kPrograms{{
    {"node", Runtime::node},
    {"python", Runtime::python},
    {"java", Runtime::jvm},
    {"dotnet", Runtime::dotnet},
    {"ruby", Runtime::ruby},
}};

}  // namespace

const char* runtime_name(Runtime runtime) {
  switch (runtime) {
    case Runtime::native:
      return "native";
    case Runtime::go:
      return "go";
    case Runtime::jvm:
      return "jvm";
    case Runtime::node:
      return "node";
    case Runtime::python:
      return "python";
    case Runtime::dotnet:
      return "dotnet";
    case Runtime::ruby:
      return "ruby";
    case Runtime::unknown:
      break;
  }
  return "unknown";
}

std::string executable_of(pid_t pid) {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/exe", error);
}

Runtime runtime_of(pid_t pid) {
  const std::string exe = executable_of(pid);
  if (exe.empty()) return Runtime::unknown;
  if (has_section(pid, ".go.buildinfo")) return Runtime::go;
  const std::string name = std::filesystem::path(exe).filename();
  for (const auto& [prefix, runtime] : kPrograms)
    if (name.rfind(prefix, 0) == 0) return runtime;
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  for (std::string line; std::getline(maps, line);)
    for (const auto& [library, runtime] : kLibraries)
      if (line.find(library) != std::string::npos) return runtime;
  return Runtime::native;
}

}  // namespace plateau::target
