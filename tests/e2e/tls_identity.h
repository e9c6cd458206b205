// A TLS server's context with a key and a self-signed certificate made on the spot.
#pragma once

#include <openssl/ssl.h>

namespace plateau::e2e {

// For "localhost"; null if OpenSSL fails. The caller owns it.
SSL_CTX* make_server_context();

}  // namespace plateau::e2e
