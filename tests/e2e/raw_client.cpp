#include "raw_client.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>

namespace plateau::e2e {

RawClient::RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval limit{5, 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    socket_.reset();
  }
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void RawClient::half_close() {
  ::shutdown(socket_.get(), SHUT_WR);
}

bool RawClient::readable_within(int timeout_ms) const {
  pollfd watched{socket_.get(), POLLIN, 0};
  return ::poll(&watched, 1, timeout_ms) > 0;
}

const std::string& RawClient::read_until(std::string_view ending) {
  while (!received_.ends_with(ending) && read_some()) {
  }
  return received_;
}

const std::string& RawClient::read_size(std::size_t size) {
  while (received_.size() < size && read_some()) {
  }
  return received_;
}

const std::string& RawClient::read_to_end() {
  while (read_some()) {
  }
  return received_;
}

bool RawClient::read_some() {
  std::array<char, 16 * 1024> bytes;
  const ssize_t count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  clean_ = count == 0;
  if (count <= 0) return false;
  received_.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

}  // namespace plateau::e2e
