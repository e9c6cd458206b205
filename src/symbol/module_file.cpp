#include "symbol/module_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace plateau::symbol {
namespace {

constexpr std::uint64_t kLargestVdso = 1 << 20;
constexpr std::size_t kLargestProcFile = std::size_t{64} << 20;

bool is_regular(int directory, const std::string& path, struct stat& status) {
  return fstatat(directory, path.c_str(), &status, 0) == 0 && S_ISREG(status.st_mode);
}

Fd open_regular(int directory, const std::string& path) {
  struct stat status {};
  if (!is_regular(directory, path, status)) return {};
  return Fd(openat(directory, path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

Fd open_same_inode(int directory, const std::string& path, std::uint64_t inode) {
  Fd fd = open_regular(directory, path);
  struct stat status {};
  if (!fd.valid() || fstat(fd.get(), &status) != 0 || status.st_ino != inode) return {};
  return fd;
}

std::string map_file_name(const Mapping& mapping) {
  std::array<char, 64> name{};
  std::snprintf(name.data(), name.size(), "map_files/%llx-%llx",
                static_cast<unsigned long long>(mapping.start), static_cast<unsigned long long>(mapping.end));
  return name.data();
}

Fd copy_of_memory(int proc_directory, std::uint64_t start, std::uint64_t end) {
  if (end - start > kLargestVdso) return {};
  const Fd memory(openat(proc_directory, "mem", O_RDONLY | O_CLOEXEC));
  Fd copy(memfd_create("vdso", MFD_CLOEXEC));
  std::vector<char> bytes(end - start);
  const auto size = static_cast<ssize_t>(bytes.size());
  if (!memory.valid() || !copy.valid()) return {};
  if (pread(memory.get(), bytes.data(), bytes.size(), static_cast<off_t>(start)) != size) return {};
  if (write(copy.get(), bytes.data(), bytes.size()) != size) return {};
  return copy;
}

ExitCode code_of(int error) {
  if (error == EACCES || error == EPERM) return ExitCode::unsupported;
  return error == ESRCH || error == ENOENT ? ExitCode::no_target : ExitCode::failed;
}

}  // namespace

Result<Fd> open_module(int proc_directory, const LoadedFile& file) {
  const auto& mapping = file.first;
  Fd fd;
  if (mapping.path == "[vdso]") {
    fd = copy_of_memory(proc_directory, mapping.start, mapping.end);
  } else {
    fd = open_regular(proc_directory, map_file_name(mapping));
    if (!fd.valid()) fd = open_same_inode(proc_directory, "exe", mapping.inode);
    if (!fd.valid()) fd = open_same_inode(proc_directory, "root" + mapping.path, mapping.inode);
  }
  if (!fd.valid()) return fail("cannot open " + mapping.path + " of the target: its functions stay unnamed");
  return fd;
}

Result<std::string> read_proc_file(int proc_directory, const char* name) {
  const Fd fd(openat(proc_directory, name, O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 65536> chunk;
  ssize_t got = fd.valid() ? 1 : -1;
  while (got > 0 && text.size() < kLargestProcFile) {
    got = read(fd.get(), chunk.data(), chunk.size());
    if (got > 0) text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  if (got < 0) {
    const int error = errno;
    return fail(std::string("cannot read /proc/PID/") + name + ": " + std::strerror(error), code_of(error));
  }
  return text;
}

}  // namespace plateau::symbol
