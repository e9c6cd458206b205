// How a connection's bytes reach the kernel. Another kind (TLS) is a class of its own and a case of
// make_transport().
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/fd.h"

namespace plateau::httpd {

struct Service;

enum class IoStatus : std::uint8_t {
  done,
  want_read,   // would block until the socket is readable
  want_write,  // would block until it is writable
  gone         // the peer has ended, or the connection is broken
};

struct IoResult {
  IoStatus status = IoStatus::done;
  std::size_t count = 0;  // bytes moved; above 0 if done, but for an empty send
};

// Nothing here is retried by the caller but want_read and want_write, with the same bytes.
class Transport {
 public:
  virtual ~Transport() = default;

  // `stamp_ns`, where not null, gets the kernel's receive time (CLOCK_REALTIME), or stays as it is.
  virtual IoResult receive(std::span<char> space, std::uint64_t* stamp_ns) = 0;
  virtual IoResult send(std::string_view bytes) = 0;
  virtual IoResult sendv(std::span<const iovec> pieces) = 0;

  // Whether send() reads the bytes after it has returned, so that they must stay where they are until it is
  // done.
  virtual bool sends_later() const { return false; }
  // Whether bytes have been taken from the socket that receive() has not handed out.
  virtual bool buffered() const { return false; }
  // Whether the peer has sent something that receive() has not handed out.
  virtual bool waiting() const;
  // Whether the two sides have agreed on HTTP/2 for this connection; known once receive() was done.
  virtual bool chose_http2() const { return false; }
  // Tells the peer that nothing more will be sent.
  virtual void finish();

  // The socket, for waiting and for what works on sockets only.
  int fd() const { return socket_.get(); }

 protected:
  explicit Transport(Fd socket) : socket_(std::move(socket)) {}
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

 private:
  Fd socket_;
};

// The bytes as they are.
class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(Fd socket) : Transport(std::move(socket)) {}

  IoResult receive(std::span<char> space, std::uint64_t* stamp_ns) override;
  IoResult send(std::string_view bytes) override;
  IoResult sendv(std::span<const iovec> pieces) override;
};

// What service.options asks for, over an accepted socket.
std::unique_ptr<Transport> make_transport(Service& service, Fd socket);

}  // namespace plateau::httpd
