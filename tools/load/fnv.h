// FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/).
#pragma once

#include <cstdint>
#include <string_view>

namespace plateau::load {

inline constexpr std::uint64_t kFnvStart = 0xcbf29ce484222325u;

// The hash of what `hash` covers followed by `bytes`.
constexpr std::uint64_t fnv1a(std::string_view bytes, std::uint64_t hash = kFnvStart) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

}  // namespace plateau::load
