// What all TLS connections share: the certificate, the version, sessions, and the protocols on offer.
#pragma once

#include <memory>

#include "base/fd.h"
#include "base/result.h"
#include "httpd/protocol_options.h"
#include "httpd/transport.h"

struct ssl_ctx_st;

namespace plateau::httpd {

class TlsContext {
 public:
  // With the certificate of the options' files, or a self-signed one for localhost that is made here.
  static Result<std::unique_ptr<TlsContext>> make(const ProtocolOptions& options);

  // A transport that does the handshake as part of its first receive. The context outlives it.
  std::unique_ptr<Transport> wrap(Fd socket) const;
  // Gives back what OpenSSL keeps for the calling thread, before anybody takes the thread for ended.
  static void leave_thread();

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };

  TlsContext() = default;

  std::unique_ptr<ssl_ctx_st, Free> context_;
};

}  // namespace plateau::httpd
