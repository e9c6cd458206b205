// How a step of input or output went, with TLS or without.
#pragma once

#include <cstddef>
#include <cstdint>

namespace plateau::load {

enum class Io : std::uint8_t { done, wants_read, wants_write, broken };

struct Received {
  enum class Kind : std::uint8_t { bytes, nothing, end, broken };
  Kind kind = Kind::nothing;
  std::size_t count = 0;
};

}  // namespace plateau::load
