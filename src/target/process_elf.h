// A process's executable as an ELF file.
#pragma once

#include <libelf.h>
#include <sys/types.h>

#include <memory>

#include "base/fd.h"
#include "base/result.h"

namespace plateau::target {

class ProcessElf {
 public:
  static Result<ProcessElf> open(pid_t pid);

  // Null if the file is none of ELF's. Valid as long as this.
  Elf* elf() const { return elf_.get(); }

 private:
  struct End {
    void operator()(Elf* elf) const { elf_end(elf); }
  };
  ProcessElf(Fd fd, Elf* elf) : fd_(std::move(fd)), elf_(elf) {}

  Fd fd_;
  std::unique_ptr<Elf, End> elf_;
};

}  // namespace plateau::target
