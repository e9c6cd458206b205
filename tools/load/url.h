// The part of URLs that a load generator needs.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace plateau::load {

struct Url {
  std::string host;       // without brackets
  std::string port;       // "80", or "443" with TLS, if the URL names none
  std::string authority;  // as written, for the Host field
  std::string path;       // with the query; at least "/"
  bool tls = false;
};

// http://host[:port][/path] or https://... Anything else is a usage error.
Result<Url> parse_url(std::string_view text);

}  // namespace plateau::load
