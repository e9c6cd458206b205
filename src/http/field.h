// Walks over a head's header lines and picks out those that matter to an observer. For this folder only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "http/text.h"

namespace plateau::http {

enum class Field : std::uint8_t {
  other,
  connection,
  content_length,
  transfer_encoding,
  expect,
  upgrade,
  traceparent,
  faulty,  // Content-Length or Transfer-Encoding with a blank before the colon: servers disagree about it
};

template <std::size_t N>
Field match_field(std::string_view line, const Word<N>& name, Field field, bool frames,
                  std::size_t& value_at) {
  if (line.size() <= N) return Field::other;
  const char next = line[N];
  if (next != ':' && !is_blank(next)) return Field::other;
  if (!name.at(line.data())) return Field::other;
  value_at = N + 1;
  if (next == ':') return field;
  const std::size_t colon = line.find_first_not_of(" \t", N);
  return frames && colon != std::string_view::npos && line[colon] == ':' ? Field::faulty : Field::other;
}

// Which field a non-empty line is; for all but `other`, its value starts at value_at.
inline Field field_of(std::string_view line, std::size_t& value_at) {
  static constexpr Word kConnection("connection");
  static constexpr Word kContentLength("content-length");
  static constexpr Word kTransferEncoding("transfer-encoding");
  static constexpr Word kTraceparent("traceparent");
  static constexpr Word kExpect("expect");
  static constexpr Word kUpgrade("upgrade");
  Field field = Field::other;
  switch (line.front() | 0x20) {
    case 'c':
      field = match_field(line, kContentLength, Field::content_length, true, value_at);
      if (field != Field::other) return field;
      return match_field(line, kConnection, Field::connection, false, value_at);
    case 't':
      field = match_field(line, kTransferEncoding, Field::transfer_encoding, true, value_at);
      if (field != Field::other) return field;
      return match_field(line, kTraceparent, Field::traceparent, false, value_at);
    case 'e':
      return match_field(line, kExpect, Field::expect, false, value_at);
    case 'u':
      return match_field(line, kUpgrade, Field::upgrade, false, value_at);
    default:
      return Field::other;
  }
}

inline const char* find_lf(const char* p, const char* end) {
  return static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
}

// Calls on_field(Field, value) for each field that is not `other`, from the first header line at p on. A
// value may hold the line ends of folded lines. Returns one past the blank line, or null if there is none.
template <class F>
const char* walk_fields(const char* p, const char* end, F&& on_field) {
  while (p != end) {
    if (*p == '\n') return p + 1;
    if (*p == '\r' && (p + 1 == end || p[1] == '\n')) return p + 1 == end ? nullptr : p + 2;
    const char* lf = find_lf(p, end);
    if (lf == nullptr) return nullptr;
    std::size_t value_at = 0;
    const Field field = field_of({p, static_cast<std::size_t>(lf - p)}, value_at);
    if (field != Field::other) {
      while (lf + 1 != end && is_blank(lf[1])) {
        lf = find_lf(lf + 1, end);
        if (lf == nullptr) return nullptr;
      }
      const char* value = p + value_at;
      on_field(field, trim({value, static_cast<std::size_t>(lf - value)}));
    }
    p = lf + 1;
  }
  return nullptr;
}

}  // namespace plateau::http
