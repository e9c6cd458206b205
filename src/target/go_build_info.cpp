#include "target/go_build_info.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace plateau::target {
namespace {

constexpr std::string_view kMagic = "\xff Go buildinf:";
constexpr std::size_t kPointerSizeAt = 14, kFlagsAt = 15, kPointerAt = 16, kInlineAt = 32;
constexpr unsigned kBigEndian = 1, kInline = 2;
constexpr std::size_t kMaxVersion = 256;  // bytes
constexpr std::size_t kPointer = 8;

Error malformed(const char* what) {
  return fail(std::string("malformed .go.buildinfo: ") + what);
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {static_cast<const char*>(static_cast<const void*>(bytes.data())), bytes.size()};
}

// The length is a little-endian base-128 number.
Result<std::string> inline_version(std::string_view rest) {
  std::size_t length = 0;
  for (unsigned shift = 0; shift < 21; shift += 7) {
    if (rest.empty()) break;
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    length |= static_cast<std::size_t>(byte & 0x7f) << shift;
    if (byte & 0x80) continue;
    if (length == 0 || length > kMaxVersion || length > rest.size())
      return malformed("length of the version");
    return std::string(rest.substr(0, length));
  }
  return malformed("no version");
}

std::uint64_t number_at(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

// A pointer to a string's pointer and length.
Result<std::string> pointed_version(std::string_view info, const ImageReader& image) {
  const std::string header = image(number_at(info, kPointerAt), 2 * kPointer);
  if (header.size() != 2 * kPointer) return malformed("its version is not in the file");
  const std::uint64_t length = number_at(header, kPointer);
  if (length == 0 || length > kMaxVersion) return malformed("length of the version");
  std::string version = image(number_at(header, 0), length);
  if (version.size() != length) return malformed("its version is not in the file");
  return version;
}

bool printable(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

Result<std::string> go_version(std::span<const std::byte> build_info, const ImageReader& image) {
  const std::string_view info = text_of(build_info);
  if (info.size() < kInlineAt || !info.starts_with(kMagic)) return malformed("no header");
  const auto flags = static_cast<unsigned char>(info[kFlagsAt]);
  if (!(flags & kInline) && (info[kPointerSizeAt] != kPointer || flags & kBigEndian))
    return malformed("not of a 64-bit little-endian program");
  auto version = flags & kInline ? inline_version(info.substr(kInlineAt)) : pointed_version(info, image);
  if (version && !printable(*version)) return malformed("a version that is no text");
  return version;
}

unsigned go_minor(std::string_view version) {
  constexpr std::string_view kPrefix = "go1.";
  const std::size_t at = version.find(kPrefix);
  if (at == std::string_view::npos) return 0;
  unsigned minor = 0;
  const char* const begin = version.data() + at + kPrefix.size();
  const auto [end, error] = std::from_chars(begin, version.data() + version.size(), minor);
  return error == std::errc() && minor < 1000 ? minor : 0;
}

}  // namespace plateau::target
