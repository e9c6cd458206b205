#include "httpd/tls_transport.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>

namespace plateau::httpd {
namespace {

constexpr std::size_t kMaxGathered = 16 * 1024;

}  // namespace

TlsTransport::TlsTransport(SSL* ssl, Fd socket) : Transport(std::move(socket)), ssl_(ssl) {
  ERR_clear_error();
  broken_ = ssl == nullptr || SSL_set_fd(ssl, fd()) != 1;
  if (!broken_) SSL_set_accept_state(ssl);
}

TlsTransport::~TlsTransport() {
  notify_close();
}

// Must not block, whatever the peer reads.
void TlsTransport::notify_close() {
  if (broken_ || notified_ || SSL_in_init(ssl_.get()) == 1) return;
  notified_ = true;
  ::fcntl(fd(), F_SETFL, ::fcntl(fd(), F_GETFL) | O_NONBLOCK);
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

void TlsTransport::finish() {
  const int flags = ::fcntl(fd(), F_GETFL);
  notify_close();
  ::fcntl(fd(), F_SETFL, flags);
  Transport::finish();
}

IoResult TlsTransport::failed(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {IoStatus::want_read, 0};
    case SSL_ERROR_WANT_WRITE:
      return {IoStatus::want_write, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {IoStatus::gone, 0};
    default:
      break;
  }
  broken_ = true;
  ERR_clear_error();
  return {IoStatus::gone, 0};
}

IoResult TlsTransport::receive(std::span<char> space, std::uint64_t*) {
  if (broken_) return {IoStatus::gone, 0};
  ERR_clear_error();
  while (true) {
    std::size_t count = 0;
    const int result = SSL_read_ex(ssl_.get(), space.data(), space.size(), &count);
    if (result == 1) return {IoStatus::done, count};
    const IoResult io = failed(result);
    if (io.status != IoStatus::want_read || SSL_has_pending(ssl_.get()) == 0) return io;
  }
}

IoResult TlsTransport::send(std::string_view bytes) {
  if (broken_) return {IoStatus::gone, 0};
  ERR_clear_error();
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    std::size_t count = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data() + sent, bytes.size() - sent, &count);
    if (result != 1) {
      const IoResult io = failed(result);
      return sent > 0 && io.status != IoStatus::gone ? IoResult{IoStatus::done, sent} : io;
    }
    sent += count;
  }
  return {IoStatus::done, sent};
}

// One record for small pieces, where one call each would make one each.
IoResult TlsTransport::sendv(std::span<const iovec> pieces) {
  gathered_.clear();
  for (const iovec& piece : pieces) {
    const std::size_t room = kMaxGathered - gathered_.size();
    gathered_.append(static_cast<const char*>(piece.iov_base), std::min(piece.iov_len, room));
  }
  return send(gathered_);
}

bool TlsTransport::buffered() const {
  return !broken_ && SSL_has_pending(ssl_.get()) == 1;
}

bool TlsTransport::chose_http2() const {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  if (ssl_) SSL_get0_alpn_selected(ssl_.get(), &chosen, &size);
  return std::string_view(reinterpret_cast<const char*>(chosen), size) == "h2";
}

}  // namespace plateau::httpd
