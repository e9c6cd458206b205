// TCP sockets as the kernel's sock_diag knows them (what ss asks): their queues and what they waited for.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "target/proc_net.h"

namespace plateau::target {

struct TcpSocket {
  Endpoint local;
  Endpoint peer;  // of a connection
  unsigned state = 0;
  std::uint64_t cookie = 0;  // unique as long as the machine runs
  std::uint64_t inode = 0;   // 0: not accepted yet
  // Listening: connections that wait for accept, and how many may. Else bytes received and not read, and
  // bytes sent and not acknowledged.
  std::uint32_t in_queue = 0;
  std::uint32_t out_queue = 0;
  std::uint32_t drops = 0;  // packets dropped at the socket: of a listening one, SYNs and the handshake's end
  std::string upper;        // protocol on top of TCP ("tls"); empty: none, or no CAP_NET_ADMIN
  bool measured = false;    // the rest is known
  std::uint64_t busy_us = 0;              // with something sent or to be sent and not acknowledged
  std::uint64_t receiver_limited_us = 0;  // of that, with the peer's window closed
  std::uint64_t buffer_limited_us = 0;    // of that, with the send buffer full and all of it sent
  std::uint64_t bytes_acknowledged = 0;
  std::uint64_t bytes_retransmitted = 0;
  std::uint32_t round_trip_us = 0;  // smoothed
};

// Sockets in a piece of netlink's answer. False once the answer is over, or if it is an error, whose number
// goes to `error`. Pure.
bool parse_socket_diag(std::span<const std::byte> bytes, const std::function<void(const TcpSocket&)>& take,
                       int& error);

class SocketDiag {
 public:
  // Of the network namespace of `pid`.
  static Result<SocketDiag> open(pid_t pid);

  Status listening(const std::function<void(const TcpSocket&)>& take);
  // Established ones, from whatever port.
  Status established(const std::function<void(const TcpSocket&)>& take);
  // Established ones and those on their way to the end, from local `port`.
  Status connections(std::uint16_t port, const std::function<void(const TcpSocket&)>& take);

 private:
  explicit SocketDiag(Fd socket);
  Status dump(std::uint32_t states, std::uint16_t port, const std::function<void(const TcpSocket&)>& take);
  Status dump(int family, std::uint32_t states, std::uint16_t port,
              const std::function<void(const TcpSocket&)>& take);

  Fd socket_;
  std::vector<std::byte> answer_;
};

}  // namespace plateau::target
