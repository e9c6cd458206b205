// A file without a name, for what a child is to read or write: it vanishes with its last user, however that
// one ends.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace plateau::app::lab {

class MemoryFile {
 public:
  static Result<MemoryFile> make();

  int fd() const { return fd_.get(); }
  Status write(std::string_view text) const;

  // Hands each line over, without its newline.
  Status for_each_line(const std::function<void(std::string_view)>& take) const;

 private:
  explicit MemoryFile(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

// The path under which a child opens the descriptor that Command::files gave it, the first for index 0.
std::string child_path(std::size_t index);

}  // namespace plateau::app::lab
