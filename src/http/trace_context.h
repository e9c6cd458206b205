// The header traceparent of W3C's Trace Context. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace plateau::http {

struct TraceContext {
  std::array<std::uint8_t, 16> trace{};  // all 0: none
  std::array<std::uint8_t, 8> parent{};
  bool sampled = false;

  bool valid() const { return trace != std::array<std::uint8_t, 16>{}; }
};

// Not valid() where the value is not as the specification wants it; of later versions only what version 00
// has.
TraceContext parse_traceparent(std::string_view value);

}  // namespace plateau::http
