// Which framing a response gets. Pure.
#pragma once

#include <cstdint>

#include "httpd/bottleneck_options.h"
#include "httpd/response.h"

namespace plateau::httpd {

// Above this, a body that is not fixed counts as streamed under FramingRule::automatic.
inline constexpr std::uint64_t kMostKnown = 8 * 1024;

struct FramingCase {
  bool streamed = false;  // the route asks for chunks
  bool fixed = false;     // the body was there before the request
  std::uint64_t size = 0;
  int minor_version = 1;
};

inline Framing choose_framing(FramingRule rule, const FramingCase& response) {
  const bool unknown = response.streamed || (!response.fixed && response.size > kMostKnown);
  const bool chunks = rule == FramingRule::chunked || (rule == FramingRule::automatic && unknown);
  if (!chunks) return Framing::length;
  if (response.minor_version >= 1) return Framing::chunked;
  return response.streamed ? Framing::until_close : Framing::length;
}

}  // namespace plateau::httpd
