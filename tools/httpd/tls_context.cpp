#include "httpd/tls_context.h"

#include <openssl/ssl.h>

#include <cstring>
#include <string>

#include "httpd/tls_certificate.h"
#include "httpd/tls_error.h"
#include "httpd/tls_transport.h"

namespace plateau::httpd {
namespace {

constexpr unsigned char kBoth[] = "\x02h2\x08http/1.1";
constexpr unsigned char kHttp1Only[] = "\x08http/1.1";

// A client that offers nothing known goes on without the extension.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned in_size, void* http2) {
  const unsigned char* const offered = http2 != nullptr ? kBoth : kHttp1Only;
  const unsigned size = http2 != nullptr ? sizeof kBoth - 1 : sizeof kHttp1Only - 1;
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, offered, size, in, in_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

bool set_version(SSL_CTX* context, TlsVersion version) {
  const int number = version == TlsVersion::v1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
  return SSL_CTX_set_min_proto_version(context, number) == 1 &&
         SSL_CTX_set_max_proto_version(context, number) == 1;
}

bool set_resumption(SSL_CTX* context, bool on) {
  constexpr unsigned char kContextId[] = "plateau";
  if (on) return SSL_CTX_set_session_id_context(context, kContextId, sizeof kContextId - 1) == 1;
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  return SSL_CTX_set_num_tickets(context, 0) == 1;
}

Status use_made(SSL_CTX* context) {
  Result<Identity> identity = make_identity();
  if (!identity) return identity.error();
  if (SSL_CTX_use_certificate(context, identity->certificate.get()) == 1 &&
      SSL_CTX_use_PrivateKey(context, identity->key.get()) == 1) {
    return success();
  }
  return fail("cannot use the certificate made: " + tls_reason());
}

Status use_files(SSL_CTX* context, const ProtocolOptions& options) {
  if (SSL_CTX_use_certificate_chain_file(context, options.cert.c_str()) != 1) {
    return fail("--cert " + options.cert + ": " + tls_reason() + "; name a PEM file", ExitCode::usage);
  }
  if (SSL_CTX_use_PrivateKey_file(context, options.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return fail("--key " + options.key + ": " + tls_reason() + "; name the certificate's PEM key",
                ExitCode::usage);
  }
  return success();
}

}  // namespace

void TlsContext::Free::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

Result<std::unique_ptr<TlsContext>> TlsContext::make(const ProtocolOptions& options) {
  std::unique_ptr<TlsContext> made(new TlsContext);
  made->context_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const context = made->context_.get();
  if (context == nullptr || !set_version(context, options.tls) ||
      !set_resumption(context, options.tls_resumption)) {
    return fail("TLS cannot be set up: " + tls_reason());
  }
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  // A read that ends, by the peer or by the watchdog, does not end what can still be sent.
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, options.http2 ? made.get() : nullptr);
  const Status status = options.cert.empty() ? use_made(context) : use_files(context, options);
  if (!status) return status.error();
  return made;
}

std::unique_ptr<Transport> TlsContext::wrap(Fd socket) const {
  return std::make_unique<TlsTransport>(SSL_new(context_.get()), std::move(socket));
}

void TlsContext::leave_thread() {
  OPENSSL_thread_stop();
}

}  // namespace plateau::httpd
