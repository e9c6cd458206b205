// What every response has to be, where the user said so.
#pragma once

#include <array>
#include <atomic>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plateau::load {

enum class Mismatch : std::uint8_t { status, length, body };
inline constexpr std::array<std::string_view, 3> kMismatchNames = {"status", "length", "body"};

// The statuses of a list such as "200,204" or "2xx".
Result<std::bitset<600>> parse_statuses(std::string_view text);

// 64 bits in hexadecimal, with or without 0x.
Result<std::uint64_t> parse_hash(std::string_view text);

struct Expectations {
  std::bitset<600> statuses;  // none: any will do
  std::string status_text;    // as the user wrote it
  std::optional<std::uint64_t> length;
  std::optional<std::uint64_t> hash;  // FNV-1a of the body
  bool same_body = false;             // every response of a target has the body of its first one

  bool need_hash() const { return same_body || hash.has_value(); }
};

// What is known of a whole response.
struct Answer {
  std::uint32_t target = 0;
  int status = 0;
  std::uint64_t length = 0;  // of the body
  std::uint64_t hash = 0;    // of the body, where hashes are needed
};

// Holds answers against the expectations. Threads may share one.
class Checker {
 public:
  Checker(const Expectations& expectations, std::size_t targets)
      : expectations_(expectations),
        active_(expectations.statuses.any() || expectations.length || expectations.need_hash()),
        first_(targets) {}

  // The first thing that is wrong, if any.
  std::optional<Mismatch> check(const Answer& answer) { return active_ ? check_each(answer) : std::nullopt; }
  // For example "answered 503 where 200 was expected".
  std::string describe(Mismatch mismatch, const Answer& answer) const;

 private:
  std::optional<Mismatch> check_each(const Answer& answer);
  bool same_as_first(const Answer& answer);

  const Expectations& expectations_;
  bool active_;
  std::vector<std::atomic<std::uint64_t>> first_;  // by target: length and hash in one; 0: none yet
};

}  // namespace plateau::load
