#include "httpd/shared_body.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace plateau::httpd {
namespace {

constexpr std::uint64_t kSize = 16 * kPatternSize;

char pattern_at(std::uint64_t i) {
  return i % 64 == 63 ? '\n' : static_cast<char>('0' + (i + i / 64) % 64);
}

}  // namespace

const SharedBody& SharedBody::instance() {
  static const SharedBody body;
  return body;
}

SharedBody::SharedBody() : file_(memfd_create("plateau-body", MFD_CLOEXEC)) {
  void* memory = MAP_FAILED;
  if (file_ >= 0 && ftruncate(file_, kSize) == 0) {
    memory = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file_, 0);
  }
  if (memory == MAP_FAILED) {
    std::fprintf(stderr, "plateau-httpd: no memory for the response bodies: %s\n", std::strerror(errno));
    std::exit(EXIT_FAILURE);
  }
  char* const bytes = static_cast<char*>(memory);
  for (std::uint64_t i = 0; i < kSize; ++i) bytes[i] = pattern_at(i % kPatternSize);
  bytes_ = bytes;
}

std::string_view SharedBody::run(std::uint64_t offset, std::uint64_t count) const {
  const std::uint64_t from = file_offset(offset);
  return {bytes_ + from, std::min(count, kSize - from)};
}

}  // namespace plateau::httpd
