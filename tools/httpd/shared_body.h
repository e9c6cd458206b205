// The pattern that bodies are cut from, in a file in memory and mapped: for sending without a user copy.
#pragma once

#include <cstdint>
#include <string_view>

namespace plateau::httpd {

// The pattern repeats after this many bytes.
inline constexpr std::uint64_t kPatternSize = 64 * 1024;

class SharedBody {
 public:
  // The one of the process, made at the first call and never changed or freed.
  static const SharedBody& instance();

  // The longest run, of at most `count` bytes, that lies together from the body's byte `offset` on.
  std::string_view run(std::uint64_t offset, std::uint64_t count) const;
  // Where that run begins in the file.
  static std::uint64_t file_offset(std::uint64_t offset) { return offset % kPatternSize; }
  int file() const { return file_; }

 private:
  SharedBody();

  int file_ = -1;
  const char* bytes_ = nullptr;
};

}  // namespace plateau::httpd
