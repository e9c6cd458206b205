#include "tls_identity.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

namespace plateau::e2e {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Key make_key() {
  return {EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), &EVP_PKEY_free};
}

Certificate make_certificate(EVP_PKEY* key) {
  Certificate made(X509_new(), &X509_free);
  X509* const certificate = made.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 24 * 3600);
  X509_set_pubkey(certificate, key);
  static constexpr unsigned char kName[] = "localhost";
  X509_NAME* const name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, kName, -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());
  return made;
}

}  // namespace

SSL_CTX* make_server_context() {
  const Key key = make_key();
  if (!key) return nullptr;
  const Certificate certificate = make_certificate(key.get());
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  static constexpr unsigned char kId[] = "e2e";
  SSL_CTX_set_session_id_context(context, kId, sizeof kId - 1);
  SSL_CTX_use_certificate(context, certificate.get());
  SSL_CTX_use_PrivateKey(context, key.get());
  return context;
}

}  // namespace plateau::e2e
