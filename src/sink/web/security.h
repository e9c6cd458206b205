// Who may talk to the built-in web server, and how: TLS, names and passwords, and headers, as a web
// configuration file says it (web_config.h).
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace plateau::sink::web {

struct Security {
  // PEM texts; without a certificate there is no TLS.
  std::string certificate;
  std::string key;
  std::string client_authority;  // clients' certificates are checked against it; empty: none is asked for
  bool client_required = false;  // a client without a certificate is refused
  std::string priorities;        // as GnuTLS writes protocol versions and ciphers; empty: its own choice
  std::map<std::string, std::string> users;                  // name to bcrypt hash; empty: everybody may come
  std::vector<std::pair<std::string, std::string>> headers;  // for each answer

  bool tls() const { return !certificate.empty(); }
};

}  // namespace plateau::sink::web
