// Basic authentication (RFC 7617) against bcrypt hashes, as htpasswd -B and Prometheus have them.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace plateau::sink::web {

enum class Access : std::uint8_t { granted, denied, later };

// Whether crypt(3) can check it: "$2y$10$…".
bool is_bcrypt(const std::string& hash);

// A check takes a tenth of a second or so of the server's thread: what was right once is remembered (as a
// digest, not as it is), and of wrong ones only a few a second are looked at; the others are told to come
// later.
class PasswordCheck {
 public:
  explicit PasswordCheck(std::map<std::string, std::string> users) : users_(std::move(users)) {}

  // `authorization`: the header's value; empty without one.
  Access check(std::string_view authorization);

 private:
  static constexpr unsigned kWrongASecond = 4;

  std::map<std::string, std::string> users_;
  std::set<std::string> right_;
  std::chrono::steady_clock::time_point second_{};
  unsigned wrong_ = 0;  // since then
};

}  // namespace plateau::sink::web
