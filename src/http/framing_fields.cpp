#include "http/framing_fields.h"

#include <limits>

namespace plateau::http {
namespace {

// Digits only; false if there are none or the number does not fit.
bool parse_decimal(std::string_view digits, std::uint64_t& out) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return false;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (kMax - digit) / 10) return false;
    value = value * 10 + digit;
  }
  out = value;
  return !digits.empty();
}

}  // namespace

void FramingFields::add(Field field, std::string_view value) {
  static constexpr Word kContinue("100-continue");
  switch (field) {
    case Field::content_length:
      return add_length(value);
    case Field::transfer_encoding:
      return add_codings(value);
    case Field::connection:
      return add_connection(value);
    case Field::expect:
      expect_continue_ = expect_continue_ || kContinue.is(value);
      return;
    case Field::upgrade:
      upgrade_ = !value.empty();
      return;
    case Field::faulty:
      faulty_ = true;
      return;
    case Field::traceparent:
    case Field::other:
      return;
  }
}

// One number is the rule; a list of equal ones, in one field or several, is let pass (RFC 9112 section 6.3).
void FramingFields::add_length(std::string_view value) {
  bool any = false;
  const auto add_one = [&](std::string_view member) {
    std::uint64_t length = 0;
    any = true;
    if (!parse_decimal(member, length) || (has_length_ && length != length_)) bad_length_ = true;
    has_length_ = true;
    length_ = length;
  };
  for_each_item(value, add_one);
  if (!any) has_length_ = bad_length_ = true;
}

void FramingFields::add_codings(std::string_view value) {
  static constexpr Word kChunked("chunked");
  static constexpr Word kIdentity("identity");
  for_each_item(value, [&](std::string_view member) {
    const std::string_view coding = trim(member.substr(0, member.find(';')));
    if (kIdentity.is(coding)) return;
    after_chunked_ = after_chunked_ || chunked_;
    chunked_ = chunked_ || kChunked.is(coding);
    has_coding_ = true;
  });
}

void FramingFields::add_connection(std::string_view value) {
  static constexpr Word kClose("close");
  static constexpr Word kKeepAlive("keep-alive");
  static constexpr Word kUpgrade("upgrade");
  for_each_item(value, [&](std::string_view option) {
    close_ = close_ || kClose.is(option);
    keep_alive_ = keep_alive_ || kKeepAlive.is(option);
    upgrade_listed_ = upgrade_listed_ || kUpgrade.is(option);
  });
}

}  // namespace plateau::http
