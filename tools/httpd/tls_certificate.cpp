#include "httpd/tls_certificate.h"

#include <openssl/ec.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "httpd/tls_error.h"

namespace plateau::httpd {
namespace {

constexpr long kDay = 24 * 60 * 60;

bool add_extension(X509* certificate, int kind, const char* value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool set_serial(X509* certificate) {
  std::uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return false;
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1;
}

bool fill(X509* certificate, EVP_PKEY* key) {
  constexpr unsigned char kName[] = "localhost";
  X509_NAME* const name = X509_get_subject_name(certificate);
  return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay) != nullptr &&
         X509_gmtime_adj(X509_getm_notAfter(certificate), 30 * kDay) != nullptr &&
         X509_set_pubkey(certificate, key) == 1 &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, kName, -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1 &&
         add_extension(certificate, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
         X509_sign(certificate, key, EVP_sha256()) > 0;
}

}  // namespace

Result<Identity> make_identity() {
  Identity identity{std::unique_ptr<EVP_PKEY, FreeKey>(EVP_EC_gen("P-256")),
                    std::unique_ptr<X509, FreeCertificate>(X509_new())};
  if (!identity.key || !identity.certificate || !fill(identity.certificate.get(), identity.key.get())) {
    return fail("cannot make a certificate: " + tls_reason() + "; give --cert and --key");
  }
  return identity;
}

}  // namespace plateau::httpd
