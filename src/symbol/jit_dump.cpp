#include "symbol/jit_dump.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

namespace plateau::symbol {
namespace {

constexpr std::uint32_t kMagic = 0x4a695444;  // "JiTD" by a machine of this byte order
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kFileHeader = 40, kPrefix = 16;
constexpr std::size_t kLoad = kPrefix + 40, kMove = kPrefix + 48;  // a load's name comes behind it

enum : std::uint32_t { kCodeLoad = 0, kCodeMove = 1 };

template <class T>
T at(std::span<const std::byte> bytes, std::size_t offset) {
  T value{};
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

// Of the record at the beginning of `bytes`, whose size says `size`, as much as has to be there to read it.
bool is_there(std::span<const std::byte> bytes, std::uint32_t kind, std::uint32_t size) {
  if (kind != kCodeLoad) return bytes.size() >= std::min<std::size_t>(size, kMove);
  const auto whole = std::min<std::size_t>(size, JitDump::kHead);
  if (bytes.size() >= whole) return true;
  return bytes.size() > kLoad && std::memchr(bytes.data() + kLoad, 0, bytes.size() - kLoad) != nullptr;
}

}  // namespace

void JitDump::add_load(std::span<const std::byte> record, CodeNames& names) {
  if (record.size() <= kLoad) return;
  const std::string_view text(reinterpret_cast<const char*>(record.data()) + kLoad, record.size() - kLoad);
  const auto number =
      names.add(at<std::uint64_t>(record, kPrefix + 16), at<std::uint64_t>(record, kPrefix + 24),
                text.substr(0, std::min(text.find('\0'), CodeNames::kLongestName)));
  if (number != CodeNames::kNoName) name_of_code_[at<std::uint64_t>(record, kPrefix + 32)] = number;
}

void JitDump::add_move(std::span<const std::byte> record, CodeNames& names) const {
  if (record.size() < kMove) return;
  const auto name = name_of_code_.find(at<std::uint64_t>(record, kPrefix + 40));
  if (name == name_of_code_.end()) return;
  names.add_as(at<std::uint64_t>(record, kPrefix + 24), at<std::uint64_t>(record, kPrefix + 32),
               name->second);
}

std::uint64_t JitDump::feed(std::span<const std::byte> bytes, CodeNames& names) {
  std::uint64_t done = 0;
  if (ok_ && !begun_) {
    if (bytes.size() < kFileHeader) return 0;
    ok_ = at<std::uint32_t>(bytes, 0) == kMagic && at<std::uint32_t>(bytes, 4) == kVersion &&
          at<std::uint32_t>(bytes, 8) >= kFileHeader;
    done = at<std::uint32_t>(bytes, 8);
    begun_ = true;
  }
  while (ok_ && done < bytes.size() && bytes.size() - done >= kPrefix) {
    const auto rest = bytes.subspan(done);
    const auto kind = at<std::uint32_t>(rest, 0), size = at<std::uint32_t>(rest, 4);
    ok_ = size >= kPrefix;
    if (!ok_ || !is_there(rest, kind, size)) break;
    const auto record = rest.first(std::min<std::size_t>(size, rest.size()));
    if (kind == kCodeLoad) add_load(record, names);
    if (kind == kCodeMove) add_move(record, names);
    done += size;
  }
  return done;
}

}  // namespace plateau::symbol
