#include "base/text_file.h"

#include <fcntl.h>

#include <array>
#include <cerrno>

#include "base/fd.h"

namespace plateau {

std::string read_text(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 16384> piece;
  while (fd.valid()) {
    const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
    if (got > 0)
      text.append(piece.data(), static_cast<std::size_t>(got));
    else if (got == 0 || errno != EINTR)
      break;
  }
  return text;
}

}  // namespace plateau
