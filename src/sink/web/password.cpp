#include "sink/web/password.h"

#include <crypt.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include <array>
#include <cstring>
#include <memory>
#include <regex>

namespace plateau::sink::web {
namespace {

constexpr std::size_t kLongest = 512;  // of a header's value
constexpr std::size_t kRemembered = 64;
// Of no password: a name that is not known must take as long as one that is.
const std::string kNobody = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";

std::string digest(std::string_view text) {
  std::array<char, 32> bytes{};
  gnutls_hash_fast(GNUTLS_DIG_SHA256, text.data(), text.size(), bytes.data());
  return {bytes.data(), bytes.size()};
}

// "name:password"; empty for anything else than well-formed basic credentials.
std::string credentials(std::string_view authorization) {
  constexpr std::string_view kScheme = "Basic ";
  if (authorization.size() > kLongest || !authorization.starts_with(kScheme)) return {};
  std::string coded(authorization.substr(kScheme.size()));
  const gnutls_datum_t from{static_cast<unsigned char*>(static_cast<void*>(coded.data())),
                            static_cast<unsigned>(coded.size())};
  gnutls_datum_t to{};
  if (gnutls_base64_decode2(&from, &to) != GNUTLS_E_SUCCESS) return {};
  std::string text(static_cast<const char*>(static_cast<const void*>(to.data)), to.size);
  gnutls_free(to.data);
  return text.find('\0') == std::string::npos ? text : std::string();
}

bool matches(const std::string& password, const std::string& hash) {
  const auto scratch = std::make_unique<crypt_data>();
  const char* result = crypt_r(password.c_str(), hash.c_str(), scratch.get());
  return result != nullptr && std::strlen(result) == hash.size() &&
         gnutls_memcmp(result, hash.data(), hash.size()) == 0;
}

}  // namespace

bool is_bcrypt(const std::string& hash) {
  static const std::regex form(R"(\$2[aby]\$(0[4-9]|1[0-9])\$[./A-Za-z0-9]{53})");
  return std::regex_match(hash, form);
}

Access PasswordCheck::check(std::string_view authorization) {
  const std::string given = credentials(authorization);
  const std::size_t colon = given.find(':');
  if (colon == std::string::npos) return Access::denied;
  const std::string known = digest(given);
  if (right_.contains(known)) return Access::granted;
  const auto now = std::chrono::steady_clock::now();
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    wrong_ = 0;
  }
  if (wrong_ >= kWrongASecond) return Access::later;
  const auto user = users_.find(given.substr(0, colon));
  const bool right = matches(given.substr(colon + 1), user == users_.end() ? kNobody : user->second);
  if (!right || user == users_.end()) {
    wrong_++;
    return Access::denied;
  }
  if (right_.size() >= kRemembered) right_.clear();
  right_.insert(known);
  return Access::granted;
}

}  // namespace plateau::sink::web
