// A TCP connection, with TLS on it or without: bytes out, bytes in, never blocking.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/fd.h"
#include "load/address.h"
#include "load/io.h"
#include "load/ring.h"
#include "load/tls.h"

namespace plateau::load {

class Transport {
 public:
  int fd() const { return socket_.get(); }

  // Begins to connect; 0, or the errno of why not.
  int connect(const Address& address);
  // The socket became writable while connecting: 0 if the connection stands, or the errno of why not.
  int connect_error() const;
  // Closes; where TLS stands, after saying so to the peer if `orderly`.
  void close(bool orderly);

  // Puts TLS on the connection; false if that cannot be had.
  bool begin_tls(const TlsContext& context);
  // One step of the handshake.
  Io handshake();
  const TlsSession& tls() const { return tls_; }

  // Writes from the front of `pieces`, of which `offset` bytes are written already, and removes what is done.
  Io write(Ring<std::string_view>& pieces, std::size_t& offset);
  Received read(std::span<char> into);
  // Bytes are held here that epoll does not tell of.
  bool holds_bytes() const { return tls_.active() && tls_.holds_bytes(); }

 private:
  Fd socket_;
  TlsSession tls_;
};

}  // namespace plateau::load
