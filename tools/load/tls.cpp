#include "load/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace plateau::load {
namespace {

constexpr std::size_t kRecord = 16 * 1024;

Error no_tls(const char* what) {
  return fail(std::string("TLS cannot be set up: ") + what);
}

bool set_versions(SSL_CTX* context, TlsVersion version) {
  const int least = version == TlsVersion::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
  const int most = version == TlsVersion::v1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
  return SSL_CTX_set_min_proto_version(context, least) == 1 &&
         SSL_CTX_set_max_proto_version(context, most) == 1;
}

// Names the server for its choice of certificate and for the check of it.
bool set_host(SSL* ssl, const TlsContext& context) {
  const std::string& host = context.host();
  ASN1_OCTET_STRING* const literal = a2i_IPADDRESS(host.c_str());
  ASN1_OCTET_STRING_free(literal);
  // What the macro SSL_set_tlsext_host_name() does, without its C casts.
  if (literal == nullptr && SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                                     const_cast<char*>(host.c_str())) != 1) {
    return false;
  }
  if (!context.verifies()) return true;
  return literal == nullptr ? SSL_set1_host(ssl, host.c_str()) == 1
                            : X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
}

// Small pieces become one record; a large one goes without a copy.
std::string_view gather(const Ring<std::string_view>& pieces, std::size_t offset,
                        std::array<char, kRecord>& record) {
  const std::string_view first = pieces.front().substr(offset);
  if (pieces.size() == 1 || first.size() >= kRecord) return first;
  std::size_t filled = 0;
  for (std::size_t i = 0; i < pieces.size() && filled < kRecord; ++i) {
    const std::string_view piece = i == 0 ? first : pieces[i];
    const std::size_t count = std::min(piece.size(), kRecord - filled);
    std::memcpy(record.data() + filled, piece.data(), count);
    filled += count;
  }
  return {record.data(), filled};
}

}  // namespace

Result<TlsContext> TlsContext::make(const Options& options) {
  TlsContext made;
  made.context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const context = made.context_.get();
  if (context == nullptr) return no_tls("OpenSSL has no context to give");
  if (!set_versions(context, options.tls)) return no_tls("OpenSSL does not allow this version");
  made.host_ = options.url.host;
  made.verifies_ = !options.insecure;
  if (made.verifies_ && SSL_CTX_set_default_verify_paths(context) != 1) {
    return no_tls("the system's certificates cannot be read");
  }
  SSL_CTX_set_verify(context, made.verifies_ ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  static constexpr std::array<unsigned char, 9> kHttp1 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context, kHttp1.data(), kHttp1.size());
  if (options.tls_resumption) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, &TlsSession::keep_session);
  } else {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  }
  return made;
}

int TlsSession::keep_session(SSL* ssl, SSL_SESSION* session) {
  static_cast<TlsSession*>(SSL_get_app_data(ssl))->session_.reset(session);
  return 1;
}

bool TlsSession::begin(const TlsContext& context, int fd) {
  ERR_clear_error();
  error_ = 0;
  ssl_.reset(SSL_new(context.get()));
  if (!ssl_ || SSL_set_fd(ssl_.get(), fd) != 1 || !set_host(ssl_.get(), context)) return false;
  SSL_set_app_data(ssl_.get(), this);
  if (session_) SSL_set_session(ssl_.get(), session_.get());
  SSL_set_connect_state(ssl_.get());
  return true;
}

Io TlsSession::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  return result == 1 ? Io::done : wanted(result);
}

void TlsSession::end(bool orderly) {
  if (!ssl_) return;
  ERR_clear_error();
  if (orderly && SSL_is_init_finished(ssl_.get()) == 1) {
    SSL_shutdown(ssl_.get());
  } else {
    // Else OpenSSL would take the session for unfit to be resumed.
    SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
  ssl_.reset();
}

Io TlsSession::write(const Ring<std::string_view>& pieces, std::size_t offset, std::size_t& written) {
  std::array<char, kRecord> record;
  const std::string_view text = gather(pieces, offset, record);
  ERR_clear_error();
  const int result = SSL_write_ex(ssl_.get(), text.data(), text.size(), &written);
  return result == 1 ? Io::done : wanted(result);
}

Received TlsSession::read(std::span<char> into) {
  Received received;
  ERR_clear_error();
  const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &received.count);
  if (result == 1) {
    received.kind = Received::Kind::bytes;
    return received;
  }
  if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_ZERO_RETURN) {
    received.kind = Received::Kind::end;
    return received;
  }
  received.kind = wanted(result) == Io::broken ? Received::Kind::broken : Received::Kind::nothing;
  return received;
}

Io TlsSession::wanted(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Io::wants_read;
    case SSL_ERROR_WANT_WRITE:
      return Io::wants_write;
    default:
      error_ = ERR_peek_error();
      return Io::broken;
  }
}

std::string TlsSession::failure() const {
  const long verified = SSL_get_verify_result(ssl_.get());
  if (verified != X509_V_OK && SSL_get_verify_mode(ssl_.get()) != SSL_VERIFY_NONE) {
    return std::string(X509_verify_cert_error_string(verified)) + "; --insecure takes any certificate";
  }
  const char* const reason = error_ == 0 ? nullptr : ERR_reason_error_string(error_);
  return reason == nullptr ? "the server closed the connection within it" : reason;
}

}  // namespace plateau::load
