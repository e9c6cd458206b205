#include "http/segment.h"

#include <algorithm>

#include "http/text.h"

namespace plateau::http {
namespace {

struct Census {
  std::size_t digits = 0;
  std::size_t hex_letters = 0;
  std::size_t upper = 0;
  std::size_t lower = 0;
  std::size_t dashes = 0;       // '-' and '_'
  std::size_t punctuation = 0;  // '.', ',' and ':'
  std::size_t padding = 0;      // '=', '+', '~'
  std::size_t changes = 0;      // from letter to digit or back
  bool address = false;         // has an '@'
  bool foreign = false;         // has a byte that is not printable ASCII

  std::size_t letters() const { return upper + lower; }
};

void count(char c, Census& census) {
  if (is_digit(c)) {
    ++census.digits;
  } else if (is_alpha(c)) {
    ++(c >= 'a' ? census.lower : census.upper);
    if (hex_value(c) < 16) ++census.hex_letters;
  } else if (c == '-' || c == '_') {
    ++census.dashes;
  } else if (c == '.' || c == ',' || c == ':') {
    ++census.punctuation;
  } else if (c == '=' || c == '+' || c == '~') {
    ++census.padding;
  } else if (c == '@') {
    census.address = true;
  } else if (c <= ' ' || c > '~') {
    census.foreign = true;
  }
}

Census take_census(std::string_view segment) {
  Census census;
  char before = '/';
  for (const char c : segment) {
    count(c, census);
    if ((is_digit(c) && is_alpha(before)) || (is_alpha(c) && is_digit(before))) ++census.changes;
    before = c;
  }
  return census;
}

std::string_view without_extension(std::string_view segment) {
  constexpr std::size_t kMaxExtension = 5;
  const std::size_t dot = segment.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return segment;
  const std::string_view extension = segment.substr(dot + 1);
  const bool plain = !extension.empty() && extension.size() <= kMaxExtension && is_alpha(extension.front());
  return plain ? segment.substr(0, dot) : segment;
}

bool is_uuid(std::string_view s) {
  if (s.size() != 36) return false;
  for (std::size_t i = 0; i < s.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? s[i] != '-' : hex_value(s[i]) > 15) return false;
  }
  return true;
}

// Base64 and the like. With dashes it may be a title ("oauth2-server-setup"), so more is asked of it.
bool is_mixed_token(const Census& census, std::size_t size) {
  constexpr std::size_t kMinToken = 16;
  if (size < kMinToken || census.digits == 0 || census.letters() == 0) return false;
  if (census.digits + census.letters() + census.dashes + census.padding != size) return false;
  return census.dashes == 0 || census.changes >= 3 || (census.upper > 1 && census.lower > 1);
}

}  // namespace

bool is_identifier(std::string_view segment) {
  constexpr std::size_t kMinHex = 8;
  if (segment.size() > kMaxSegment) return true;
  const std::string_view stem = without_extension(segment);
  const Census census = take_census(stem);
  if (census.address || census.foreign) return true;
  if (census.digits > 0 && census.digits + census.dashes + census.punctuation == stem.size()) return true;
  if (stem.size() >= kMinHex && census.digits + census.hex_letters == stem.size()) return true;
  return is_uuid(stem) || is_mixed_token(census, stem.size());
}

}  // namespace plateau::http
