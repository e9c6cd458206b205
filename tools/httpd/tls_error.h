// OpenSSL's error queue as text.
#pragma once

#include <openssl/err.h>

#include <string>

namespace plateau::httpd {

// The reason of the oldest error; empties the queue.
inline std::string tls_reason() {
  const unsigned long code = ERR_get_error();
  const char* const reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown error";
}

}  // namespace plateau::httpd
