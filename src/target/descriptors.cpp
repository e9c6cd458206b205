#include "target/descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

namespace plateau::target {
namespace {

struct Closer {
  void operator()(DIR* folder) const { closedir(folder); }
};

}  // namespace

bool for_each_descriptor(pid_t pid, const std::function<void(const std::string&, std::string_view)>& take) {
  std::string path = "/proc/" + std::to_string(pid) + "/fd/";
  const std::size_t length = path.size();
  const std::unique_ptr<DIR, Closer> folder(opendir(path.c_str()));
  if (!folder) return false;
  std::array<char, 4096> link;
  while (const dirent* entry = readdir(folder.get())) {
    if (entry->d_name[0] == '.') continue;
    const ssize_t size = readlinkat(dirfd(folder.get()), entry->d_name, link.data(), link.size());
    if (size < 0 && errno == EACCES) return false;  // it has privileges that we have not
    if (size < 0) continue;                         // closed meanwhile
    path.replace(length, std::string::npos, entry->d_name);
    take(path, {link.data(), static_cast<std::size_t>(size)});
  }
  return true;
}

}  // namespace plateau::target
