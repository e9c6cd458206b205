#include "load/expectations.h"

#include <charconv>
#include <cstdio>

#include "toolkit/field_text.h"

namespace plateau::load {
namespace {

bool add_statuses(std::string_view item, std::bitset<600>& out) {
  if (item.size() != 3 || item[0] < '1' || item[0] > '5') return false;
  const std::size_t hundreds = static_cast<std::size_t>(item[0] - '0') * 100;
  if (item.substr(1) == "xx") {
    for (std::size_t i = 0; i < 100; ++i) out.set(hundreds + i);
    return true;
  }
  if (!toolkit::is_digit(item[1]) || !toolkit::is_digit(item[2])) return false;
  out.set(hundreds + static_cast<std::size_t>(item[1] - '0') * 10 + static_cast<std::size_t>(item[2] - '0'));
  return true;
}

std::string hex(std::uint64_t value) {
  std::array<char, 17> text;
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

}  // namespace

Result<std::bitset<600>> parse_statuses(std::string_view text) {
  std::bitset<600> statuses;
  bool valid = !text.empty() && text.back() != ',';
  toolkit::for_each_in_list(text, [&](std::string_view item) { valid &= add_statuses(item, statuses); });
  if (valid) return statuses;
  return fail("'" + std::string(text) + "' is not a list of statuses such as 200,204 or 2xx",
              ExitCode::usage);
}

Result<std::uint64_t> parse_hash(std::string_view text) {
  const std::string_view digits = text.starts_with("0x") ? text.substr(2) : text;
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, 16);
  if (!digits.empty() && error == std::errc() && stop == end) return value;
  return fail("'" + std::string(text) + "' is not a 64-bit hash in hexadecimal", ExitCode::usage);
}

std::optional<Mismatch> Checker::check_each(const Answer& answer) {
  const auto status = static_cast<std::size_t>(answer.status);
  if (expectations_.statuses.any() && !expectations_.statuses.test(status)) return Mismatch::status;
  if (expectations_.length && *expectations_.length != answer.length) return Mismatch::length;
  if (expectations_.hash && *expectations_.hash != answer.hash) return Mismatch::body;
  if (expectations_.same_body && !same_as_first(answer)) return Mismatch::body;
  return std::nullopt;
}

bool Checker::same_as_first(const Answer& answer) {
  const std::uint64_t mine = (answer.hash ^ (answer.length * 0x9e3779b97f4a7c15u)) | 1;
  std::uint64_t first = 0;
  return first_[answer.target].compare_exchange_strong(first, mine, std::memory_order_relaxed) ||
         first == mine;
}

std::string Checker::describe(Mismatch mismatch, const Answer& answer) const {
  switch (mismatch) {
    case Mismatch::status:
      return "answered " + std::to_string(answer.status) + " where " + expectations_.status_text +
             " was expected";
    case Mismatch::length:
      return "answered " + std::to_string(answer.length) + " bytes of body where " +
             std::to_string(*expectations_.length) + " were expected";
    case Mismatch::body:
      return "answered a body with the hash " + hex(answer.hash) + " where " +
             (expectations_.hash ? hex(*expectations_.hash) : std::string("its first body")) +
             " was expected";
  }
  return {};
}

}  // namespace plateau::load
