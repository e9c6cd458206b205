#include "httpd/transport.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "httpd/service.h"

namespace plateau::httpd {
namespace {

IoResult failed(IoStatus otherwise) {
  return {errno == EAGAIN || errno == EWOULDBLOCK ? otherwise : IoStatus::gone, 0};
}

template <class Call>
ssize_t again_if_interrupted(Call&& call) {
  ssize_t count = 0;
  do {
    count = call();
  } while (count < 0 && errno == EINTR);
  return count;
}

ssize_t receive_stamped(int fd, std::span<char> space, std::uint64_t& stamp_ns) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(timespec))> control;
  iovec piece{space.data(), space.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t count = ::recvmsg(fd, &message, 0);
  const cmsghdr* const header = count > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_TIMESTAMPNS) {
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(header), sizeof stamp);
    stamp_ns =
        static_cast<std::uint64_t>(stamp.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(stamp.tv_nsec);
  }
  return count;
}

}  // namespace

bool Transport::waiting() const {
  int bytes = 0;
  return buffered() || (::ioctl(fd(), FIONREAD, &bytes) == 0 && bytes > 0);
}

void Transport::finish() {
  ::shutdown(fd(), SHUT_WR);
}

IoResult PlainTransport::receive(std::span<char> space, std::uint64_t* stamp_ns) {
  const ssize_t count = again_if_interrupted([&] {
    return stamp_ns != nullptr ? receive_stamped(fd(), space, *stamp_ns)
                               : ::recv(fd(), space.data(), space.size(), 0);
  });
  if (count < 0) return failed(IoStatus::want_read);
  if (count == 0) return {IoStatus::gone, 0};
  return {IoStatus::done, static_cast<std::size_t>(count)};
}

IoResult PlainTransport::send(std::string_view bytes) {
  const ssize_t count =
      again_if_interrupted([&] { return ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL); });
  if (count < 0) return failed(IoStatus::want_write);
  return {IoStatus::done, static_cast<std::size_t>(count)};
}

IoResult PlainTransport::sendv(std::span<const iovec> pieces) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  const ssize_t count = again_if_interrupted([&] { return ::sendmsg(fd(), &message, MSG_NOSIGNAL); });
  if (count < 0) return failed(IoStatus::want_write);
  return {IoStatus::done, static_cast<std::size_t>(count)};
}

std::unique_ptr<Transport> make_transport(Service& service, Fd socket) {
  if (service.tls) return service.tls->wrap(std::move(socket));
  return std::make_unique<PlainTransport>(std::move(socket));
}

}  // namespace plateau::httpd
