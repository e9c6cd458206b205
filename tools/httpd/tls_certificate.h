// A key and a self-signed certificate, made in memory.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

#include "base/result.h"

namespace plateau::httpd {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};

struct Identity {
  std::unique_ptr<EVP_PKEY, FreeKey> key;              // P-256
  std::unique_ptr<X509, FreeCertificate> certificate;  // for localhost, 127.0.0.1 and ::1, for 30 days
};

Result<Identity> make_identity();

}  // namespace plateau::httpd
