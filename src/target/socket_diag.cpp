#include "target/socket_diag.h"

#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

namespace plateau::target {
namespace {

using Take = std::function<void(const TcpSocket&)>;

// Established, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT and LAST_ACK: include/net/tcp_states.h.
constexpr std::uint32_t kConnected = 1u << kEstablished | 1u << 4 | 1u << 5 | 1u << 8 | 1u << 9;
constexpr std::size_t kAnswerBytes = 64 * 1024;

Fd netlink_socket() {
  Fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  const timeval patience{1, 0};  // the kernel answers at once, or never
  if (fd.valid()) setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  return fd;
}

std::string namespace_of(const std::string& process) {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/" + process + "/ns/net", ignored);
}

// A netlink socket stays in the namespace in which it was made: a thread of its own goes there and ends.
Fd netlink_socket_of(pid_t pid) {
  const std::string process = std::to_string(pid);
  if (namespace_of(process) == namespace_of("self")) return netlink_socket();
  const Fd there(::open(("/proc/" + process + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC));
  Fd made;
  int error = 0;
  std::thread([&] {
    if (setns(there.get(), CLONE_NEWNET) == 0) made = netlink_socket();
    error = errno;
  }).join();
  errno = error;
  return made;
}

struct Request {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

Request request_of(int family, std::uint32_t states, std::uint16_t port) {
  Request request{};
  request.header.nlmsg_len = sizeof(request);
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.sdiag_family = static_cast<std::uint8_t>(family);
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.idiag_ext = (1 << (INET_DIAG_INFO - 1)) | (1 << (INET_DIAG_SKMEMINFO - 1));
  request.body.idiag_states = states;
  request.body.id.idiag_sport = htons(port);
  return request;
}

Error trouble(int error) {
  return fail(std::string("the kernel's socket tables cannot be read: ") + std::strerror(error));
}

}  // namespace

SocketDiag::SocketDiag(Fd socket) : socket_(std::move(socket)), answer_(kAnswerBytes) {}

Result<SocketDiag> SocketDiag::open(pid_t pid) {
  Fd socket = netlink_socket_of(pid);
  if (!socket.valid()) return trouble(errno);
  return SocketDiag(std::move(socket));
}

Status SocketDiag::dump(int family, std::uint32_t states, std::uint16_t port, const Take& take) {
  const Request request = request_of(family, states, port);
  if (send(socket_.get(), &request, sizeof(request), 0) != sizeof(request)) return trouble(errno);
  int error = 0;
  for (bool more = true; more;) {
    const ssize_t size = recv(socket_.get(), answer_.data(), answer_.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return trouble(size < 0 ? errno : EPIPE);
    more = parse_socket_diag({answer_.data(), static_cast<std::size_t>(size)}, take, error);
  }
  if (error) return trouble(error);
  return success();
}

Status SocketDiag::dump(std::uint32_t states, std::uint16_t port, const Take& take) {
  for (const int family : {AF_INET, AF_INET6})
    if (auto done = dump(family, states, port, take); !done) return done;
  return success();
}

Status SocketDiag::listening(const Take& take) {
  return dump(1u << kListen, 0, take);
}

Status SocketDiag::established(const Take& take) {
  return dump(1u << kEstablished, 0, take);
}

Status SocketDiag::connections(std::uint16_t port, const Take& take) {
  return dump(kConnected, port, take);
}

}  // namespace plateau::target
