#include "http/trace_context.h"

#include <cstddef>

namespace plateau::http {
namespace {

// "00-<trace id>-<parent id>-<flags>"
constexpr std::size_t kTraceAt = 3, kParentAt = 36, kFlagsAt = 53, kLength = 55;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

template <std::size_t N>
bool parse_hex(std::string_view text, std::array<std::uint8_t, N>& out) {
  for (std::size_t i = 0; i < N; i++) {
    const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

}  // namespace

TraceContext parse_traceparent(std::string_view value) {
  TraceContext context;
  std::array<std::uint8_t, 1> version{}, flags{};
  const bool whole = value.size() >= kLength && value[2] == '-' && value[kParentAt - 1] == '-' &&
                     value[kFlagsAt - 1] == '-' && parse_hex(value, version) &&
                     parse_hex(value.substr(kTraceAt), context.trace) &&
                     parse_hex(value.substr(kParentAt), context.parent) &&
                     parse_hex(value.substr(kFlagsAt), flags);
  const bool ends = value.size() == kLength || (version[0] != 0 && whole && value[kLength] == '-');
  if (!whole || !ends || version[0] == 0xff || context.parent == std::array<std::uint8_t, 8>{}) return {};
  context.sampled = (flags[0] & 1) != 0;
  return context;
}

}  // namespace plateau::http
