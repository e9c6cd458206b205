#include "app/lab/memory_file.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "app/lab/child.h"

namespace plateau::app::lab {

Result<MemoryFile> MemoryFile::make() {
  Fd fd(memfd_create("plateau-lab", MFD_CLOEXEC));
  if (!fd.valid()) return fail(std::string("cannot make a file in memory: ") + std::strerror(errno));
  return MemoryFile(std::move(fd));
}

Status MemoryFile::write(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t written = ::write(fd_.get(), text.data(), text.size());
    if (written <= 0) return fail(std::string("cannot write to memory: ") + std::strerror(errno));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return success();
}

Status MemoryFile::for_each_line(const std::function<void(std::string_view)>& take) const {
  struct stat status {};
  if (fstat(fd_.get(), &status) != 0) return fail("cannot read back what a child wrote");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return success();
  void* const bytes = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd_.get(), 0);
  if (bytes == MAP_FAILED) return fail("cannot read back what a child wrote");
  std::string_view rest(static_cast<const char*>(bytes), size);
  for (std::size_t end = 0; (end = rest.find('\n')) != std::string_view::npos; rest.remove_prefix(end + 1))
    take(rest.substr(0, end));
  munmap(bytes, size);
  return success();
}

std::string child_path(std::size_t index) {
  return "/proc/self/fd/" + std::to_string(kFirstFile + static_cast<int>(index));
}

}  // namespace plateau::app::lab
