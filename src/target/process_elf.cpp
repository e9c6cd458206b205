#include "target/process_elf.h"

#include <fcntl.h>

#include <string>

namespace plateau::target {

Result<ProcessElf> ProcessElf::open(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/exe";
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() || elf_version(EV_CURRENT) == EV_NONE) return fail("cannot read " + path);
  Elf* elf = elf_begin(fd.get(), ELF_C_READ, nullptr);
  return ProcessElf(std::move(fd), elf);
}

}  // namespace plateau::target
