// Names and lists as heads spell them: ASCII, case-insensitive. For this folder only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace plateau::http {

inline bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
inline bool is_line_end(char c) {
  return c == '\r' || c == '\n';
}
inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
inline bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The value of a hexadecimal digit, or 255.
inline unsigned hex_value(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? static_cast<unsigned>(low - 'a') + 10 : 255u;
}

// RFC 9110 section 5.6.2.
inline constexpr std::array<bool, 256> kTokenChars = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = '0'; c <= '9'; ++c) table[c] = true;
  for (std::size_t c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();
inline bool is_token_char(char c) {
  return kTokenChars[static_cast<unsigned char>(c)];
}

// Without blanks and line ends (those of a folded line) at either side.
inline std::string_view trim(std::string_view s) {
  while (!s.empty() && (is_blank(s.front()) || is_line_end(s.front()))) s.remove_prefix(1);
  while (!s.empty() && (is_blank(s.back()) || is_line_end(s.back()))) s.remove_suffix(1);
  return s;
}

// Calls `item` with each non-empty member of a comma-separated list.
template <class F>
void for_each_item(std::string_view list, F&& item) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view member = trim(list.substr(0, comma));
    if (!member.empty()) item(member);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

// A word to compare with regardless of case, by machine words rather than by character. Given in lower case.
template <std::size_t N>
class Word {
 public:
  consteval explicit Word(const char (&text)[N + 1]) {
    for (std::size_t i = 0; i < N; ++i) {
      lower_[i] = text[i];
      case_bits_[i] = text[i] >= 'a' && text[i] <= 'z' ? '\x20' : '\0';
    }
  }

  static constexpr std::size_t size() { return N; }
  bool is(std::string_view s) const { return s.size() == N && at(s.data()); }

  // Compares N characters from p, which must be readable.
  bool at(const char* p) const {
    static_assert(N >= 4);
    if constexpr (N >= 8) {
      for (std::size_t i = 0; i + 8 <= N; i += 8) {
        if (!same<std::uint64_t>(p, i)) return false;
      }
      return same<std::uint64_t>(p, N - 8);
    } else {
      return same<std::uint32_t>(p, 0) && same<std::uint32_t>(p, N - 4);
    }
  }

 private:
  template <class T>
  bool same(const char* p, std::size_t at) const {
    T text;
    T bits;
    T lower;
    std::memcpy(&text, p + at, sizeof(T));
    std::memcpy(&bits, case_bits_.data() + at, sizeof(T));
    std::memcpy(&lower, lower_.data() + at, sizeof(T));
    return (text | bits) == lower;
  }

  std::array<char, N> lower_{};
  std::array<char, N> case_bits_{};
};
template <std::size_t M>
Word(const char (&)[M]) -> Word<M - 1>;

}  // namespace plateau::http
