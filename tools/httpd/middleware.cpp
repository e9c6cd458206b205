#include "httpd/middleware.h"

#include <sys/random.h>

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace plateau::httpd {
namespace {

constexpr std::size_t kMaxRequestId = 128;
constexpr std::size_t kParentSize = 55;  // 2-32-16-2

std::uint64_t seed() {
  std::uint64_t value = 0;
  if (::getrandom(&value, sizeof value, GRND_NONBLOCK) != sizeof value) value = monotonic_ns();
  return value;
}

// splitmix64: ids need to be distinct, not secret.
std::uint64_t random_number() {
  thread_local std::uint64_t state = seed();
  state += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return (mixed ^ (mixed >> 31)) | 1;
}

void append_hex16(std::string& out, std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back(kDigits[(value >> shift) & 15]);
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

bool is_parent(std::string_view text) {
  if (text.size() < kParentSize || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  const std::string_view version = text.substr(0, 2);
  if (!is_hex(version) || version == "ff") return false;
  if (version == "00" ? text.size() != kParentSize : text.size() > kParentSize && text[kParentSize] != '-') {
    return false;
  }
  const std::string_view trace = text.substr(3, 32);
  const std::string_view span = text.substr(36, 16);
  return is_hex(trace) && !is_zero(trace) && is_hex(span) && !is_zero(span) && is_hex(text.substr(53, 2));
}

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_.:=+/").find(c) != std::string_view::npos;
}

}  // namespace

TraceContext continue_trace(std::string_view traceparent) {
  TraceContext context;
  if (is_parent(traceparent)) {
    context.trace_id = traceparent.substr(3, 32);
    context.flags = traceparent.substr(53, 2);
  } else {
    append_hex16(context.trace_id, random_number());
    append_hex16(context.trace_id, random_number());
    context.flags = "01";
  }
  append_hex16(context.span_id, random_number());
  return context;
}

std::string traceparent_of(const TraceContext& context) {
  return "00-" + context.trace_id + "-" + context.span_id + "-" + context.flags;
}

std::string request_id_from(std::string_view given) {
  const bool usable = !given.empty() && given.size() <= kMaxRequestId &&
                      std::all_of(given.begin(), given.end(), is_id_character);
  if (usable) return std::string(given);
  std::string made;
  append_hex16(made, random_number());
  append_hex16(made, random_number());
  return made;
}

}  // namespace plateau::httpd
