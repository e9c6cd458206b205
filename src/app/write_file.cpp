#include "app/write_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace plateau::app {

Status write_file(const std::string& path, const std::string& contents) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << contents;
  out.flush();
  if (!out) return fail("cannot write " + path + ": " + std::strerror(errno));
  return success();
}

}  // namespace plateau::app
