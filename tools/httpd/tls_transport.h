// Bytes through TLS, on blocking and non-blocking sockets.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "httpd/transport.h"

namespace plateau::httpd {

class TlsTransport final : public Transport {
 public:
  // Takes `ssl` over; null, from a lack of memory, makes a transport that is gone at once.
  TlsTransport(SSL* ssl, Fd socket);
  ~TlsTransport() override;

  // No receive time is known: the kernel's stamps belong to records, not to their content.
  IoResult receive(std::span<char> space, std::uint64_t* stamp_ns) override;
  IoResult send(std::string_view bytes) override;
  IoResult sendv(std::span<const iovec> pieces) override;
  bool buffered() const override;
  bool chose_http2() const override;
  void finish() override;

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  IoResult failed(int result);
  void notify_close();

  std::unique_ptr<SSL, Free> ssl_;
  bool broken_ = false;
  bool notified_ = false;
  std::string gathered_;
};

}  // namespace plateau::httpd
