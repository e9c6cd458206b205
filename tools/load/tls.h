// TLS by OpenSSL, as a client.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "load/io.h"
#include "load/options.h"
#include "load/ring.h"

namespace plateau::load {

struct SslDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};

// What all connections have in common.
class TlsContext {
 public:
  // With the versions, the checks and the resumption that `options` ask for.
  static Result<TlsContext> make(const Options& options);

  SSL_CTX* get() const { return context_.get(); }
  const std::string& host() const { return host_; }
  bool verifies() const { return verifies_; }

 private:
  std::unique_ptr<SSL_CTX, SslDeleter> context_;
  std::string host_;
  bool verifies_ = true;
};

// TLS on one socket after the other; the session of the last one is offered to the next, where resumption is
// on.
class TlsSession {
 public:
  bool active() const { return ssl_ != nullptr; }

  bool begin(const TlsContext& context, int fd);
  Io handshake();
  // Sends close_notify if `orderly`, and lets go of the socket.
  void end(bool orderly);

  // Writes once from the front of `pieces`, the first less `offset` bytes; `written` counts what went.
  Io write(const Ring<std::string_view>& pieces, std::size_t offset, std::size_t& written);
  Received read(std::span<char> into);
  bool holds_bytes() const { return SSL_has_pending(ssl_.get()) == 1; }

  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  // Why the handshake failed.
  std::string failure() const;

 private:
  static int keep_session(SSL* ssl, SSL_SESSION* session);
  friend class TlsContext;

  Io wanted(int result);

  std::unique_ptr<SSL, SslDeleter> ssl_;
  std::unique_ptr<SSL_SESSION, SslDeleter> session_;
  unsigned long error_ = 0;
};

}  // namespace plateau::load
