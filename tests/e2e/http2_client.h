// An HTTP/2 client that is told every frame to send and shows every frame that comes, in clear or over TLS.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace plateau::e2e {

struct Http2Frame {
  enum Type : std::uint8_t { data = 0, headers = 1, goaway = 7 };

  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string payload;

  bool ends_stream() const { return (type == data || type == headers) && (flags & 1) != 0; }
  // Of the answer's head: its first field is ":status: 200", as the static table has it.
  bool says_200() const { return type == headers && payload.starts_with('\x88'); }
  std::uint32_t goaway_error() const;
};

class Http2Client {
 public:
  enum class Over : bool { clear, tls };

  // Connects to loopback and sends the preface.
  Http2Client(std::uint16_t port, Over over);

  bool connected() const { return connected_; }
  const Fd& socket() const { return socket_; }

  // Each sends one request's frames; `stream` is odd and grows.
  bool get(std::uint32_t stream, std::string_view path);
  bool begin_post(std::uint32_t stream, std::string_view path);
  bool finish_post(std::uint32_t stream, std::string_view body);

  // The next frame; none at the end of the connection, or after ten seconds.
  std::optional<Http2Frame> next();
  // The connection has ended as it should, not by a reset nor by the time limit.
  bool clean() const { return clean_; }

 private:
  struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  struct FreeTls {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  bool begin_tls();
  bool write(std::string_view bytes);
  bool write_frame(const Http2Frame& frame);
  bool read_size(std::size_t size);

  Fd socket_;
  std::unique_ptr<SSL_CTX, FreeContext> context_;
  std::unique_ptr<SSL, FreeTls> tls_;
  std::string received_;
  bool connected_ = false;
  bool clean_ = false;
};

}  // namespace plateau::e2e
