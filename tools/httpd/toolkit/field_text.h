// Character classes and small text helpers of HTTP field syntax (RFC 9110, section 5).
#pragma once

#include <array>
#include <string_view>

namespace plateau::toolkit {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Visible ASCII: what a request target may be made of.
constexpr bool is_visible(char c) {
  return c > 0x20 && c < 0x7f;
}

// Visible, blank or obs-text.
constexpr bool is_field_value(char c) {
  return is_blank(c) || is_visible(c) || static_cast<unsigned char>(c) >= 0x80;
}

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

inline constexpr std::array<bool, 256> kTokenTable = [] {
  std::array<bool, 256> table{};
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

constexpr bool is_token(char c) {
  return kTokenTable[static_cast<unsigned char>(c)];
}

// Equality without regard to ASCII case; `lowered` is in lower case already.
constexpr bool same_name(std::string_view text, std::string_view lowered) {
  if (text.size() != lowered.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != lowered[i]) return false;
  }
  return true;
}

constexpr std::string_view trim_right(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return trim_right(text);
}

// Calls visit(string_view) for each element of a comma-separated list, blanks trimmed.
template <class Visit>
void for_each_in_list(std::string_view list, Visit&& visit) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    visit(trim(list.substr(0, comma)));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
}

}  // namespace plateau::toolkit
